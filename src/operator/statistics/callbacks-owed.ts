// How many callbacks are not delivered, counted only as far as that says something.
import type { Store } from '../../store/store.ts';
import { apiDate } from '../../values/date.ts';

/** More are not told apart, so that the cost does not grow with them. */
const COUNTED_CALLBACKS = 10_000;

export interface CallbacksOwed {
  /** To be sent, or sent again. */
  pending: number;
  /** Given up. */
  failed: number;
  /** Whether there are more of one of them than counted. */
  more: boolean;
  oldest_pending: string | null;
}

export async function callbacksOwed(
  accountSid: string,
  { callbacks, callbackPages }: Pick<Store, 'callbacks' | 'callbackPages'>,
): Promise<CallbacksOwed> {
  const [pending, failed, oldest] = await Promise.all([
    callbacks.countUpTo(accountSid, 'pending', COUNTED_CALLBACKS + 1),
    callbacks.countUpTo(accountSid, 'failed', COUNTED_CALLBACKS + 1),
    callbackPages({ account_sid: accountSid, state: 'pending' }, { kind: 'newer', than: 'CB' }, 1),
  ]);
  const first = oldest.rows[0];
  return {
    pending: Math.min(pending, COUNTED_CALLBACKS),
    failed: Math.min(failed, COUNTED_CALLBACKS),
    more: pending > COUNTED_CALLBACKS || failed > COUNTED_CALLBACKS,
    oldest_pending: first === undefined ? null : apiDate(new Date(first.date_created)),
  };
}
