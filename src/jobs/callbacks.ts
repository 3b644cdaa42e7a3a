// Sends callbacks that are due.
import type { Deliverer } from '../webhook/deliver.ts';
import type { Job } from './job.ts';
import { LOOK_MS } from './job.ts';

export function callbacks(deliverer: Deliverer): Job {
  return { name: 'callbacks', everyMs: LOOK_MS, turn: () => deliverer.deliverDue() };
}
