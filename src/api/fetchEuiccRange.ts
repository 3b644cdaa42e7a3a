import { renderRange } from '../eim/ranges.ts';
import { ref } from './answer-schemas.ts';
import { etagOf } from './etag.ts';
import {
  EUICC_RANGE_PATH,
  EUICC_RANGES_PATH,
  EuiccRangeParams,
  rangeAt,
} from './euicc-range-paths.ts';
import { operation } from './operation.ts';

/** `GET /v1/EuiccRanges/{Sid}`: ours. */
export const fetchEuiccRange = operation({
  operationId: 'FetchEuiccRange',
  method: 'GET',
  path: EUICC_RANGE_PATH,
  tag: 'IoT devices',
  summary: 'Fetch a range of EIDs',
  description: 'Ours: with how many eUICCs it has registered.',
  params: EuiccRangeParams,
  responses: { 200: { description: 'The range.', schema: ref('EuiccRange') } },
  async handle({ caller, params: { Sid } }, { store, publicUrl }) {
    const row = await rangeAt(caller.accountSid, Sid, `${EUICC_RANGES_PATH}/${Sid}`, store);
    const body = JSON.stringify(renderRange(row, publicUrl));
    return { status: 200, body, etag: etagOf(body) };
  },
});
