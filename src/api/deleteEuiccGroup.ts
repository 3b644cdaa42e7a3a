import { deleteGroup } from '../eim/fleet/groups.ts';
import { groupAt, GROUPS_PATH, toApiError } from './euicc-paths.ts';
import { GroupParams } from './fetchEuiccGroup.ts';
import { operation } from './operation.ts';

/** `DELETE /v1/Euiccs/Groups/{Sid}`: ours. */
export const deleteEuiccGroup = operation({
  operationId: 'DeleteEuiccGroup',
  method: 'DELETE',
  path: `${GROUPS_PATH}/:Sid`,
  tag: 'IoT fleets',
  need: 'orders',
  summary: 'Delete a group of eUICCs',
  description: 'Ours: only one without eUICCs.',
  params: GroupParams,
  responses: { 204: { description: 'The group is deleted.', empty: true } },
  errors: { 409: 'There are eUICCs in the group.' },
  async handle({ caller, params: { Sid } }, { transact }) {
    await transact(async (unit) => {
      await deleteGroup(await groupAt(caller.accountSid, Sid, unit.tables), unit);
    }).catch((error: unknown) => {
      throw toApiError(error);
    });
    return { status: 204, body: '' };
  },
});
