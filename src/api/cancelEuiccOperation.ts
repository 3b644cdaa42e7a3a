import { Type } from 'typebox';
import { cancelAsked, whyNotCancelled } from '../eim/ask-operation.ts';
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
    'Ours: as long as it is `queued`, or, if the IPA carries it out, and says that the last attempt has failed. It stays in ' +
    'the list, as `cancelled`. With `GiveUp`, also while it is `sent`: it becomes `failed` with `noResult`, and what waits ' +
    'behind it is next. The eUICC may still carry it out; a result that it has signed counts whenever it comes.',
  query: Type.Object({
    GiveUp: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'Whether one that was sent ends, too, without its result.',
      }),
    ),
  }),
  params: OperationParams,
  responses: { 204: { description: 'The operation is cancelled, or given up.', empty: true } },
  errors: {
    409: 'The operation was sent to the eUICC, and `GiveUp` is not given, or it has ended.',
  },
  async handle({ caller, query, params: { Sid, OperationSid } }, { transact }) {
    const { GiveUp: isGivenUp = false } = query;
    const path = `${EUICCS_PATH}/${Sid}/Operations/${OperationSid}`;
    await transact(async (unit) => {
      const { eid } = await euiccAt(caller.accountSid, Sid, path, unit.tables);
      const row = await unit.tables.eimOperations.find(eid, OperationSid);
      if (row === undefined) throw notFound(path);
      const left = await cancelAsked(row, { isGivenUp }, unit);
      if (left !== undefined) {
        throw new ApiError('conflict', whyNotCancelled(left, 'GiveUp=true'));
      }
    });
    return { status: 204, body: '' };
  },
});
