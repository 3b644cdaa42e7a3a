// The log of the profile that a call is about.
import type { Context } from '../context.ts';
import { timeOrderedSid } from '../values/sid.ts';
import type { RspLogRow } from '../store/schema.ts';
import type { Es9Call } from './es9-call.ts';

/** What a call and those before it are to leave in the log; nothing while it is about no profile. */
export function logRows(
  { entry, earlier, about, started }: Es9Call,
  { now }: Pick<Context, 'now'>,
): RspLogRow[] {
  if (about === undefined) return [];
  entry.duration_ms = Math.round(performance.now() - started);
  return [...earlier, entry].map((row) => ({
    ...row,
    account_sid: about.accountSid,
    esim_profile_sid: about.order,
    sid: timeOrderedSid('rspLog', now()),
  }));
}
