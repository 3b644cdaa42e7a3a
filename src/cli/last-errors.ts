import type { Outbox } from '../store/outbox.ts';
import type { AttemptRow, OutboxRow } from '../store/schema.ts';

/** With the error of its last attempt: null if it succeeded, or there was none yet. */
export type WithError<Row> = Row & { error: string | null };

const AT_ONCE = 500;

/** @param sidOf what an attempt is of */
export async function withErrors<Row extends OutboxRow, Attempt extends AttemptRow>(
  accountSid: string,
  rows: readonly Row[],
  outbox: Pick<Outbox<Row, Attempt>, 'attempts'>,
  sidOf: (attempt: Attempt) => string,
): Promise<WithError<Row>[]> {
  const last = new Map<string, string | null>();
  for (let at = 0; at < rows.length; at += AT_ONCE) {
    const sids = rows.slice(at, at + AT_ONCE).map(({ sid }) => sid);
    // Attempts come oldest first, so the last one wins.
    for (const attempt of await outbox.attempts(accountSid, ...sids)) {
      last.set(sidOf(attempt), attempt.error);
    }
  }
  return rows.map((row) => ({ ...row, error: last.get(row.sid) ?? null }));
}
