import type { Flavor } from '../flavor.ts';

/**
 * Indexes for stepping through the accounts and receivers with pending callbacks. Errors of attempts become fixed
 * texts, because older ones may reveal internal names.
 */
export function callbacks({ statistics }: Flavor): string[] {
  return [
    `drop index callbacks_due`,
    `create index callbacks_due on callbacks (account_sid, next_attempt_at)
      where state = 'pending'`,
    `create index callbacks_due_by_receiver on callbacks (account_sid, receiver, next_attempt_at)
      where state = 'pending'`,
    `update callback_attempts set error = case
        when error like 'answered %; redirects are not followed%'
          then 'answered ' || status_code || '; redirects are not followed'
        when error = 'no time left while waiting for connecting' then 'no time left while connecting'
        else 'the attempt failed'
      end
      where error is not null and error <> 'no time left while waiting for an answer'
        and error not like 'answered %; expected 2xx'`,
    ...statistics({
      callbacks: {
        callbacks_due: [100_000, 1_000, 1],
        callbacks_due_by_receiver: [100_000, 1_000, 100, 1],
      },
    }),
  ];
}
