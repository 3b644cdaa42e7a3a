import type { Context } from '../context.ts';
import { renderCallback } from '../operator/resource.ts';
import type { CallbackRow } from '../store/schema.ts';

/** Renders callbacks of an account as JSON, each with its attempts. */
export async function callbackRecords(
  accountSid: string,
  rows: readonly CallbackRow[],
  { store, publicUrl }: Pick<Context, 'store' | 'publicUrl'>,
): Promise<string[]> {
  const sids = rows.map(({ sid }) => sid);
  const attempts = Map.groupBy(
    await store.callbacks.attempts(accountSid, ...sids),
    ({ callback_sid: sid }) => sid,
  );
  return rows.map((row) => renderCallback(row, attempts.get(row.sid) ?? [], publicUrl));
}
