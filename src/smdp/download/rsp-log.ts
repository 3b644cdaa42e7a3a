// Renders the RSP log for clients: each ES9+ call about a profile, in words.
import { reasons, subjects } from '../../rsp/status-codes.ts';
import type { RspLogRow } from '../../store/schema.ts';
import { describeLogged } from './logged-message.ts';

/** Renders an ES9+ call about a profile, with subject and reason also in words. */
export function renderRspLogEntry(row: RspLogRow): string {
  const { subject_code: subjectCode, reason_code: reasonCode } = row;
  return JSON.stringify({
    sid: row.sid,
    account_sid: row.account_sid,
    esim_profile_sid: row.esim_profile_sid,
    function: row.function,
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
