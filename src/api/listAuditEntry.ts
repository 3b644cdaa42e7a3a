import { Type } from 'typebox';
import { auditPage } from '../audit/find.ts';
import { createdBetween } from '../values/sid.ts';
import { listOf } from './answer-schemas.ts';
import { AUDIT_PATH, renderAuditEntry } from './audit-answer.ts';
import { dateFilter, parseDateFilter } from './date-filter.ts';
import { etagOf } from './etag.ts';
import { operation } from './operation.ts';
import { parsePageRequest, renderPage } from './page.ts';
import { paging } from './parameter-schemas.ts';

const NAME_LIMIT = 200;
const named = (description: string) =>
  Type.Optional(Type.String({ minLength: 1, maxLength: NAME_LIMIT, description }));

/** `GET /v1/AuditEntries`: ours. */
export const listAuditEntry = operation({
  operationId: 'ListAuditEntry',
  method: 'GET',
  path: AUDIT_PATH,
  tag: 'Audit log',
  need: 'full',
  summary: 'List entries of the audit log',
  description:
    'Ours: who changed what in the account, newest first: through the API, in the console, on the command line, or over ' +
    'ES2+. What was done by one caller at the same time shares an entry, each with its subject.',
  query: Type.Object({
    Operation: named(
      'Only this operation, by its `operationId`, or by its name on the command line.',
    ),
    Actor: named('Only by this account, API key or operator, by its SID, or by `USER@HOST`.'),
    Subject: named('Only about this, by its SID, ICCID or name.'),
    ...dateFilter('entries'),
    ...paging,
  }),
  responses: { 200: { description: 'A page.', schema: listOf('audit_entries', 'AuditEntry') } },
  async handle({ caller: { accountSid }, query }, { store, publicUrl }) {
    const { Operation, Actor, Subject } = query;
    const { after, before, filters } = parseDateFilter(query);
    const request = parsePageRequest(
      AUDIT_PATH,
      'AE',
      { Operation, Actor, Subject, ...filters },
      query,
    );
    const filter = { accountSid, operation: Operation, actor: Actor, subject: Subject };
    const head = await store.auditLog.head();
    const page = await auditPage(
      filter,
      request.position,
      request.size,
      createdBetween('auditEntry', after, before),
      store,
    );
    const records = page.rows.map((row) => renderAuditEntry(row, head?.last_sid ?? '', publicUrl));
    const body = renderPage('audit_entries', request, page, records, publicUrl);
    return { status: 200, body, etag: etagOf(body) };
  },
});
