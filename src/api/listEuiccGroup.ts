import { Type } from 'typebox';
import { countStates, renderGroup } from '../eim/fleet/groups.ts';
import { listOf } from './answer-schemas.ts';
import { etagOf } from './etag.ts';
import { GROUPS_PATH } from './euicc-paths.ts';
import { operation } from './operation.ts';
import { parsePageRequest, renderPage } from './page.ts';
import { paging } from './parameter-schemas.ts';

/** `GET /v1/Euiccs/Groups`: ours. */
export const listEuiccGroup = operation({
  operationId: 'ListEuiccGroup',
  method: 'GET',
  path: GROUPS_PATH,
  tag: 'IoT fleets',
  summary: 'List groups of eUICCs',
  description: 'Ours: newest first.',
  query: Type.Object({
    Counts: Type.Optional(
      Type.Boolean({
        default: false,
        description: 'Whether each has `euiccs`: how many it has in each status, counted now.',
      }),
    ),
    ...paging,
  }),
  responses: { 200: { description: 'A page.', schema: listOf('groups', 'EuiccGroup') } },
  async handle({ caller: { accountSid }, query }, { store, publicUrl }) {
    const request = parsePageRequest(
      GROUPS_PATH,
      'EG',
      { Counts: query.Counts === true ? 'true' : undefined },
      query,
    );
    const found = await store.euiccGroupPages(
      { account_sid: accountSid },
      request.position,
      request.size,
    );
    const counts = query.Counts === true ? await countStates(found.rows, store) : [];
    const records = found.rows.map((row, index) => renderGroup(row, publicUrl, counts[index]));
    const body = renderPage('groups', request, found, records, publicUrl);
    return { status: 200, body, etag: etagOf(body) };
  },
});
