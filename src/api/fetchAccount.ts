import { apiDate } from '../values/date.ts';
import { VERSION } from '../version.ts';
import { notFound } from './api-error.ts';
import { etagOf } from './etag.ts';
import { operation } from './operation.ts';
import { ref } from './answer-schemas.ts';

const PATH = '/v1/Account';

/** `GET /v1/Account`: ours. Who the caller is, and which server answers. */
export const fetchAccount = operation({
  operationId: 'FetchAccount',
  method: 'GET',
  path: PATH,
  tag: 'Account',
  summary: 'Fetch the account',
  description: 'Ours: the account that the credentials belong to, and its server.',
  responses: { 200: { description: 'The account.', schema: ref('Account') } },
  async handle({ caller }, { store, config, publicUrl }) {
    const account = await store.accounts.find(caller.accountSid);
    if (account === undefined) throw notFound(PATH);
    const body = JSON.stringify({
      sid: account.sid,
      friendly_name: account.friendly_name,
      scope: caller.scope,
      smdp_plus_address: config.smdpAddress,
      version: VERSION,
      date_created: apiDate(new Date(account.date_created)),
      url: publicUrl + PATH,
    });
    return { status: 200, body, etag: etagOf(body) };
  },
});
