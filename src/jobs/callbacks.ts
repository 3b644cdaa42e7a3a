// Sends callbacks that are due.
import type { Context } from '../context.ts';
import type { Deliverer } from '../webhook/deliver.ts';
import type { Job } from './job.ts';
import { LOOK_MS } from './job.ts';

export function callbacks(
  deliverer: Deliverer,
  { store, transact, peers }: Pick<Context, 'store' | 'transact' | 'peers'>,
): Job {
  // SQLite has one server, so whoever locked callbacks before this one is dead, and its clock may have been ahead.
  let mayBeLocked = store.kind === 'sqlite' && peers.isStart;
  return {
    name: 'callbacks',
    everyMs: LOOK_MS,
    async turn() {
      if (mayBeLocked) await transact(({ tables }) => tables.callbacks.unlockAll());
      mayBeLocked = false;
      return deliverer.deliverDue();
    },
  };
}
