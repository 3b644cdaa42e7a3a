import type { CallbackRow } from '../store/schema.ts';
import type { Store } from '../store/store.ts';

/** A callback with the error of its last attempt: null if it succeeded, or there was none yet. */
export type CallbackWithError = CallbackRow & { error: string | null };

const AT_ONCE = 500;

export async function withErrors(
  accountSid: string,
  rows: readonly CallbackRow[],
  { callbacks }: Store,
): Promise<CallbackWithError[]> {
  const last = new Map<string, string | null>();
  for (let at = 0; at < rows.length; at += AT_ONCE) {
    const sids = rows.slice(at, at + AT_ONCE).map(({ sid }) => sid);
    // Attempts come oldest first, so the last one wins.
    for (const { callback_sid: sid, error } of await callbacks.attempts(accountSid, ...sids)) {
      last.set(sid, error);
    }
  }
  return rows.map((row) => ({ ...row, error: last.get(row.sid) ?? null }));
}
