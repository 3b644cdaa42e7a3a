import { removeEuicc } from '../eim/euiccs.ts';
import { EUICC_PATH, euiccAt, EuiccParams, EUICCS_PATH } from './euicc-paths.ts';
import { operation } from './operation.ts';

/** `DELETE /v1/Euiccs/{Sid}`: ours. */
export const deleteEuicc = operation({
  operationId: 'DeleteEuicc',
  method: 'DELETE',
  path: EUICC_PATH,
  tag: 'IoT devices',
  need: 'orders',
  summary: 'Remove an eUICC',
  description:
    'Ours: the eIM no longer manages the eUICC; its operations are deleted, and its device is told that the EID is unknown. ' +
    'What is on the eUICC stays as it is, and so does what it knows of the eIM.',
  params: EuiccParams,
  responses: { 204: { description: 'The eUICC is removed.', empty: true } },
  async handle({ caller, params: { Sid } }, { transact }) {
    await transact(async (unit) => {
      const path = `${EUICCS_PATH}/${Sid}`;
      await removeEuicc(await euiccAt(caller.accountSid, Sid, path, unit.tables), unit);
    });
    return { status: 204, body: '' };
  },
});
