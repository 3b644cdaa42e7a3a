import { Type } from 'typebox';
import { renameGroup, renderGroup } from '../eim/fleet/groups.ts';
import { notFound } from './api-error.ts';
import { ref } from './answer-schemas.ts';
import { GroupName } from './createEuiccGroup.ts';
import { groupAt, GROUPS_PATH, toApiError } from './euicc-paths.ts';
import { GroupParams } from './fetchEuiccGroup.ts';
import { operation } from './operation.ts';

/** `POST /v1/Euiccs/Groups/{Sid}`: ours. */
export const updateEuiccGroup = operation({
  operationId: 'UpdateEuiccGroup',
  method: 'POST',
  path: `${GROUPS_PATH}/:Sid`,
  tag: 'IoT fleets',
  need: 'orders',
  summary: 'Rename a group of eUICCs',
  description: 'Ours: its SID stays, and so do its eUICCs.',
  params: GroupParams,
  body: Type.Object({ Name: GroupName }),
  responses: { 200: { description: 'The group.', schema: ref('EuiccGroup') } },
  errors: { 409: 'There is a group of this name.' },
  async handle({ caller, params: { Sid }, body }, { transact, publicUrl }) {
    const row = await transact(async (unit) => {
      const found = await groupAt(caller.accountSid, Sid, unit.tables);
      return renameGroup(found, body.Name, unit);
    }).catch((error: unknown) => {
      throw toApiError(error);
    });
    if (row === undefined) throw notFound(`${GROUPS_PATH}/${Sid}`);
    return { status: 200, body: renderGroup(row, publicUrl) };
  },
});
