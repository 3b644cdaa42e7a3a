import { ref } from './answer-schemas.ts';
import { notFound } from './api-error.ts';
import { AUDIT_PATH, renderAuditEntry } from './audit-answer.ts';
import { etagOf } from './etag.ts';
import { operation } from './operation.ts';
import { SidParams } from './parameter-schemas.ts';

/** `GET /v1/AuditEntries/{Sid}`: ours. */
export const fetchAuditEntry = operation({
  operationId: 'FetchAuditEntry',
  method: 'GET',
  path: `${AUDIT_PATH}/:Sid`,
  tag: 'Audit log',
  need: 'full',
  summary: 'Fetch an entry of the audit log',
  description: 'Ours: an entry of the account, with how what was changed was before and after.',
  params: SidParams,
  responses: { 200: { description: 'The entry.', schema: ref('AuditEntry') } },
  async handle({ caller, params }, { store, publicUrl }) {
    const row = await store.auditLog.find(caller.accountSid, params.Sid);
    if (row === undefined) throw notFound(`${AUDIT_PATH}/${params.Sid}`);
    const head = await store.auditLog.head();
    const body = renderAuditEntry(row, head?.last_sid ?? '', publicUrl);
    return { status: 200, body, etag: etagOf(body) };
  },
});
