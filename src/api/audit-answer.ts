// An entry of the audit log as the API shows it.
import { parseEntry } from '../audit/entry.ts';
import { apiDate } from '../values/date.ts';
import type { AuditEntryRow } from '../store/schema.ts';

export const AUDIT_PATH = '/v1/AuditEntries';

/** @param sealedTo SID of the last entry that is sealed */
export function renderAuditEntry(row: AuditEntryRow, sealedTo: string, publicUrl: string): string {
  const { sid, date, account_sid, operation, outcome, actor, address, changes } = parseEntry(row);
  return JSON.stringify({
    sid,
    account_sid,
    date_created: apiDate(new Date(date)),
    operation,
    outcome,
    actor: { name: row.actor, ...actor },
    address: address ?? null,
    changes: changes.map(({ subject, request_id, before, after }) => ({
      subject,
      request_id: request_id ?? null,
      before: before ?? null,
      after: after ?? null,
    })),
    sealed: sid <= sealedTo,
    url: `${publicUrl}${AUDIT_PATH}/${sid}`,
  });
}
