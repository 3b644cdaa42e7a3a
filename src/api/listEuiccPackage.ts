import { Type } from 'typebox';
import { packageNotation } from '../eim/package-notation.ts';
import type { EimPackageRow } from '../store/schema.ts';
import type { Page, Position } from '../store/pages.ts';
import { apiDateOf } from '../values/date.ts';
import { listOf } from './answer-schemas.ts';
import { notFound } from './api-error.ts';
import { etagOf } from './etag.ts';
import { euiccAt, EUICCS_PATH, OPERATION_PATH, OperationParams } from './euicc-paths.ts';
import { operation } from './operation.ts';
import { parsePageRequest, renderPage } from './page.ts';
import { paging } from './parameter-schemas.ts';

/** Packages have no SID. By these keys they are in order when they are sorted as lists are, the last first. */
const PREFIX = 'EP';
const keyOf = ({ number }: EimPackageRow) => PREFIX + number.toString(16).padStart(32, '0');

/** `GET /v1/Euiccs/{Sid}/Operations/{OperationSid}/Packages`: ours. */
export const listEuiccPackage = operation({
  operationId: 'ListEuiccPackage',
  method: 'GET',
  path: `${OPERATION_PATH}/Packages`,
  tag: 'IoT devices',
  summary: 'List the packages of an operation',
  description:
    'Ours: exactly what was sent to the eUICC or its IPA, and what came back, as bytes and in ASN.1 value notation, newest ' +
    'first. An operation has several if its package was signed again, or a download has begun again.',
  params: OperationParams,
  query: Type.Object(paging),
  responses: { 200: { description: 'A page.', schema: listOf('packages', 'EuiccPackage') } },
  async handle({ caller, params: { Sid, OperationSid }, query }, { store, publicUrl }) {
    const path = `${EUICCS_PATH}/${Sid}/Operations/${OperationSid}/Packages`;
    const request = parsePageRequest(path, PREFIX, {}, query);
    const { eid, sid } = await euiccAt(caller.accountSid, Sid, path, store);
    if ((await store.eimOperations.find(eid, OperationSid)) === undefined) throw notFound(path);
    const packages = await store.eimOperations.packagesOf(eid, OperationSid);
    const page = pageOf(packages, request.position, request.size);
    const records = page.rows.map((row) => renderPackage(row, sid));
    const body = renderPage('packages', request, page, records, publicUrl);
    return { status: 200, body, etag: etagOf(body) };
  },
});

function pageOf(
  packages: readonly EimPackageRow[],
  position: Position,
  size: number,
): Page<EimPackageRow & { sid: string }> {
  const rows = packages
    .map((row) => ({ ...row, sid: keyOf(row) }))
    .filter(({ sid }) =>
      position.kind === 'first'
        ? true
        : position.kind === 'older'
          ? sid < position.than
          : sid > position.than,
    );
  const more = rows.length > size;
  return { rows: position.kind === 'newer' ? rows.slice(-size) : rows.slice(0, size), more };
}

function renderPackage(row: EimPackageRow, euiccSid: string): string {
  const { request, response } = row;
  return JSON.stringify({
    number: row.number,
    account_sid: row.account_sid,
    euicc_sid: euiccSid,
    operation_sid: row.operation_sid,
    state: row.state,
    counter: row.counter,
    transaction_id: row.transaction_id,
    rsp_transaction_id: row.rsp_transaction_id,
    sent: row.sent,
    request: packageNotation(request, 'request'),
    request_der: Buffer.from(request).toString('base64'),
    response: response && packageNotation(response, 'response'),
    response_der: response && Buffer.from(response).toString('base64'),
    date_created: apiDateOf(row.date_created),
    date_sent: apiDateOf(row.date_sent),
    date_ended: apiDateOf(row.date_ended),
  });
}
