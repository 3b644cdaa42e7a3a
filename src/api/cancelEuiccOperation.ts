import { cancelAsked } from '../eim/ask-operation.ts';
import { ApiError, notFound } from './api-error.ts';
import { euiccAt, EUICCS_PATH, OPERATION_PATH, OperationParams } from './euicc-paths.ts';
import { operation } from './operation.ts';

/** `DELETE /v1/Euiccs/{Sid}/Operations/{OperationSid}`: ours. */
export const cancelEuiccOperation = operation({
  operationId: 'CancelEuiccOperation',
  method: 'DELETE',
  path: OPERATION_PATH,
  tag: 'IoT devices',
  need: 'orders',
  summary: 'Cancel an operation on an eUICC',
  description:
    'Ours: as long as it is `queued`, or, if the IPA has carried it out, and says that the last attempt has failed. It stays in ' +
    'the list, as `cancelled`.',
  params: OperationParams,
  responses: { 204: { description: 'The operation is cancelled.', empty: true } },
  errors: { 409: 'The operation was sent to the eUICC, or has ended.' },
  async handle({ caller, params: { Sid, OperationSid } }, { transact }) {
    const path = `${EUICCS_PATH}/${Sid}/Operations/${OperationSid}`;
    await transact(async (unit) => {
      const { eid } = await euiccAt(caller.accountSid, Sid, path, unit.tables);
      const row = await unit.tables.eimOperations.find(eid, OperationSid);
      if (row === undefined) throw notFound(path);
      if (await cancelAsked(row, unit)) return;
      throw new ApiError(
        'conflict',
        `The operation is ${row.status}; only a queued one can be cancelled, or one whose last attempt has failed`,
      );
    });
    return { status: 204, body: '' };
  },
});
