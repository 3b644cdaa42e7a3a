import { Type } from 'typebox';
import { renderRange, updateRange } from '../eim/ranges.ts';
import { ref } from './answer-schemas.ts';
import { notFound } from './api-error.ts';
import {
  EUICC_RANGE_PATH,
  EUICC_RANGES_PATH,
  EuiccRangeParams,
  Limit,
} from './euicc-range-paths.ts';
import { operation } from './operation.ts';

/** `POST /v1/EuiccRanges/{Sid}`: ours. */
export const updateEuiccRange = operation({
  operationId: 'UpdateEuiccRange',
  method: 'POST',
  path: EUICC_RANGE_PATH,
  tag: 'IoT devices',
  summary: 'Change how many eUICCs a range registers',
  description: 'Ours: a higher limit lets it go on; one that is reached stops it.',
  params: EuiccRangeParams,
  body: Type.Object({ Limit }),
  responses: { 200: { description: 'The range.', schema: ref('EuiccRange') } },
  async handle({ caller, params: { Sid }, body }, { transact, publicUrl }) {
    const row = await transact((unit) => updateRange(caller.accountSid, Sid, body.Limit, unit));
    if (row === undefined) throw notFound(`${EUICC_RANGES_PATH}/${Sid}`);
    return { status: 200, body: JSON.stringify(renderRange(row, publicUrl)) };
  },
});
