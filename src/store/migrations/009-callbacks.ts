import type { Flavor } from '../flavor.ts';

/** Indexes that step from one account, and from one receiver, to the next that callbacks are pending for. */
export function callbacks({ statistics }: Flavor): string[] {
  return [
    `drop index callbacks_due`,
    `create index callbacks_due on callbacks (account_sid, next_attempt_at)
      where state = 'pending'`,
    `create index callbacks_due_by_receiver on callbacks (account_sid, receiver, next_attempt_at)
      where state = 'pending'`,
    ...statistics({
      callbacks: {
        callbacks_due: [100_000, 1_000, 1],
        callbacks_due_by_receiver: [100_000, 1_000, 100, 1],
      },
    }),
  ];
}
