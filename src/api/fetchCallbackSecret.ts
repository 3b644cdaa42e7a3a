import { notFound } from './api-error.ts';
import {
  CALLBACK_SECRET_HEADERS,
  CALLBACK_SECRET_PATH,
  callbackSecretAnswer,
} from './callback-secret-answer.ts';
import { operation } from './operation.ts';
import { ref } from './answer-schemas.ts';

/** `GET /v1/Account/CallbackSecret`: ours. */
export const fetchCallbackSecret = operation({
  operationId: 'FetchCallbackSecret',
  method: 'GET',
  path: CALLBACK_SECRET_PATH,
  tag: 'Account',
  need: 'full',
  summary: 'Fetch the secret that signs callbacks',
  description:
    'Ours: the secret of `webhook-signature`, for receivers, which then need not know the auth token. Refused to keys whose ' +
    'scope is not `full`.',
  answerHeaders: CALLBACK_SECRET_HEADERS,
  responses: { 200: { description: 'The secret.', schema: ref('CallbackSecret') } },
  async handle({ caller }, { store, masterKey, now, publicUrl }) {
    const account = await store.accounts.find(caller.accountSid);
    if (account === undefined) throw notFound(CALLBACK_SECRET_PATH);
    return callbackSecretAnswer(account, { masterKey, now, publicUrl });
  },
});
