import { deleteRange } from '../eim/ranges.ts';
import { notFound } from './api-error.ts';
import { EUICC_RANGE_PATH, EUICC_RANGES_PATH, EuiccRangeParams } from './euicc-range-paths.ts';
import { operation } from './operation.ts';

/** `DELETE /v1/EuiccRanges/{Sid}`: ours. */
export const deleteEuiccRange = operation({
  operationId: 'DeleteEuiccRange',
  method: 'DELETE',
  path: EUICC_RANGE_PATH,
  tag: 'IoT devices',
  summary: 'Delete a range of EIDs',
  description:
    'Ours: no more eUICCs are registered by it; those that have yet to prove who they are are forgotten, the registered ones ' +
    'stay.',
  params: EuiccRangeParams,
  responses: { 204: { description: 'The range is deleted.', empty: true } },
  async handle({ caller, params: { Sid } }, { transact }) {
    const isDeleted = await transact((unit) => deleteRange(caller.accountSid, Sid, unit));
    if (!isDeleted) throw notFound(`${EUICC_RANGES_PATH}/${Sid}`);
    return { status: 204, body: '' };
  },
});
