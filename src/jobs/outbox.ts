// Sends what is due in an outbox.
import type { Context } from '../context.ts';
import type { Deliverer } from '../outgoing/deliver.ts';
import type { LoopName } from '../process/loop.ts';
import type { Job } from './job.ts';
import { LOOK_MS } from './job.ts';

export function outbox(
  name: LoopName,
  deliverer: Deliverer,
  { store, peers }: Pick<Context, 'store' | 'peers'>,
): Job {
  // SQLite has one server, so whoever locked anything before this one is dead, and its clock may have been ahead.
  let mayBeLocked = store.kind === 'sqlite' && peers.isStart;
  return {
    name,
    everyMs: LOOK_MS,
    async turn() {
      if (mayBeLocked) await deliverer.unlock();
      mayBeLocked = false;
      return deliverer.deliverDue();
    },
  };
}
