import { Type } from 'typebox';
import { countStates, renderGroup } from '../eim/fleet/groups.ts';
import { EXAMPLES } from './answer-examples.ts';
import { ref } from './answer-schemas.ts';
import { etagOf } from './etag.ts';
import { groupAt, GROUPS_PATH } from './euicc-paths.ts';
import { operation } from './operation.ts';

export const GroupParams = Type.Object({
  Sid: Type.String({ description: 'SID of the group, or its name.' }),
});

/** `GET /v1/Euiccs/Groups/{Sid}`: ours. */
export const fetchEuiccGroup = operation({
  operationId: 'FetchEuiccGroup',
  method: 'GET',
  path: `${GROUPS_PATH}/:Sid`,
  tag: 'IoT fleets',
  summary: 'Fetch a group of eUICCs',
  description: 'Ours: by its SID or its name, with how many eUICCs it has in each status.',
  params: GroupParams,
  responses: {
    200: {
      description: 'The group.',
      schema: ref('EuiccGroup'),
      example: {
        ...EXAMPLES.EuiccGroup,
        euiccs: { registered: 12, associated: 9_988, left: 0 },
      },
    },
  },
  async handle({ caller, params: { Sid } }, { store, publicUrl }) {
    const row = await groupAt(caller.accountSid, Sid, store);
    const [euiccs] = await countStates([row], store);
    const body = renderGroup(row, publicUrl, euiccs);
    return { status: 200, body, etag: etagOf(body) };
  },
});
