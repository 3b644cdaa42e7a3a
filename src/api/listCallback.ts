import { Type } from 'typebox';
import { CALLBACK_STATES } from '../operator/callback.ts';
import { listOf } from './answer-schemas.ts';
import { callbackFilter, parseCallbackFilter } from './callback-filter.ts';
import { callbackRecords } from './callback-records.ts';
import { etagOf } from './etag.ts';
import { operation } from './operation.ts';
import { parsePageRequest, renderPage } from './page.ts';
import { paging } from './parameter-schemas.ts';

const PATH = '/v1/Callbacks';

/** `GET /v1/Callbacks`: ours. The callbacks sent, and those that could not be. */
export const listCallback = operation({
  operationId: 'ListCallback',
  method: 'GET',
  path: PATH,
  tag: 'Callbacks',
  summary: 'List callbacks',
  description:
    'Ours: the callbacks of the account about eSIM Profiles and Sims, newest first, each with every ' +
    'attempt to deliver it.',
  query: Type.Object({ ...callbackFilter(CALLBACK_STATES), ...paging }),
  responses: { 200: { description: 'A page.', schema: listOf('callbacks', 'Callback') } },
  async handle({ caller: { accountSid }, query }, { store, publicUrl }) {
    const { columns, bounds, filters } = parseCallbackFilter(query);
    const request = parsePageRequest(PATH, 'CB', filters, query);
    const page = await store.callbackPages(
      { account_sid: accountSid, ...columns },
      request.position,
      request.size,
      bounds,
    );
    const records = await callbackRecords(accountSid, page.rows, { store, publicUrl });
    const body = renderPage('callbacks', request, page, records, publicUrl);
    return { status: 200, body, etag: etagOf(body) };
  },
});
