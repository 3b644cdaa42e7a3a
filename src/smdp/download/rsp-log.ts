// The RSP log of a profile, for clients: each ES9+ call about it, from the sessions and the rows of the other calls.
import { reasons, subjects } from '../../rsp/status-codes.ts';
import type { Page, Position } from '../../store/pages.ts';
import { mergePage } from '../../store/pages.ts';
import type { RspLogRow } from '../../store/schema.ts';
import type { Store } from '../../store/store.ts';
import type { About } from './ordered-profile.ts';
import { describeLogged } from './logged-message.ts';
import { decodeSessionLog } from './session-log.ts';

type Reading = Pick<Store, 'rspLog' | 'rspLogPages' | 'rspSessions'>;

/** Newest first. An entry never moves between sessions and rows, so reading both one after the other misses none. */
export async function findRspLog(
  { accountSid, order }: About,
  position: Position,
  size: number,
  { rspLogPages, rspSessions }: Reading,
): Promise<Page<RspLogRow>> {
  const sessions = await rspSessions.logged(accountSid, order);
  const filter = { account_sid: accountSid, esim_profile_sid: order };
  const page = await rspLogPages(filter, position, size);
  return mergePage(page, sessions.flatMap(decodeSessionLog), position, size);
}

/** All of it, oldest first. */
export async function listRspLog(
  { accountSid, order }: About,
  { rspLog, rspSessions }: Reading,
): Promise<RspLogRow[]> {
  const sessions = await rspSessions.logged(accountSid, order);
  const others = await rspLog.list(accountSid, order);
  return [...sessions.flatMap(decodeSessionLog), ...others].toSorted((one, other) =>
    one.sid < other.sid ? -1 : 1,
  );
}

/** Renders an ES9+ call about a profile, with subject and reason also in words. */
export function renderRspLogEntry(row: RspLogRow): string {
  const { subject_code: subjectCode, reason_code: reasonCode } = row;
  return JSON.stringify({
    sid: row.sid,
    account_sid: row.account_sid,
    esim_profile_sid: row.esim_profile_sid,
    function: row.function,
    binding: row.binding ?? 'json',
    transaction_id: row.transaction_id,
    eid: row.eid,
    tac: row.tac,
    imei: row.imei,
    lpa: row.lpa,
    address: row.address,
    duration_ms: row.duration_ms,
    status: row.status,
    subject_code: subjectCode,
    subject: subjectCode === null ? null : inWords(subjects, subjectCode),
    reason_code: reasonCode,
    reason: reasonCode === null ? null : inWords(reasons, reasonCode),
    message: row.message,
    request: describeLogged(row.request),
    response: row.response === null ? null : describeLogged(row.response),
    date_created: row.date_created,
  });
}

function inWords(words: Readonly<Partial<Record<string, string>>>, code: string): string | null {
  return words[code] ?? null;
}
