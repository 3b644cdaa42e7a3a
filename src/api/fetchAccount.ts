import { accountAnswer } from './account-answer.ts';
import { etagOf } from './etag.ts';
import { operation } from './operation.ts';
import { ref } from './answer-schemas.ts';
import { notFound } from './api-error.ts';

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
    const body = accountAnswer(account, caller, { config, publicUrl });
    return { status: 200, body, etag: etagOf(body) };
  },
});
