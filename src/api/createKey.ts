import { Type } from 'typebox';
import { createApiKey, NAME_LIMIT } from '../operator/account/account.ts';
import { ADMIN, scopeNamed, SCOPES } from '../operator/account/scope.ts';
import { renderKey } from '../operator/resource.ts';
import { operation } from './operation.ts';
import { ref } from './answer-schemas.ts';
import { SCOPE_LIST } from './schemas/accounts.ts';

/** `POST /v1/Keys`: ours. No Idempotency-Key: replaying the response would require storing the secret. */
export const createKey = operation({
  operationId: 'CreateKey',
  method: 'POST',
  path: '/v1/Keys',
  tag: 'Keys',
  summary: 'Create an API key',
  description:
    'Ours: a program signs in with the SID as user name and the secret as password. The secret is shown ' +
    'only once.',
  body: Type.Object({
    FriendlyName: Type.Optional(
      Type.String({
        maxLength: NAME_LIMIT,
        pattern: '^\\P{Cc}+$',
        title: 'printable characters',
        default: 'API key',
        description: 'A name for people.',
      }),
    ),
    Scope: Type.Optional(
      Type.Enum([...SCOPES, ADMIN], {
        type: 'string',
        default: 'full',
        description: `${SCOPE_LIST} \`admin\` is another word for \`full\`.`,
      }),
    ),
  }),
  answerHeaders: { 'Cache-Control': 'Keeps caches from storing the secret.' },
  responses: { 201: { description: 'The key, with its secret.', schema: ref('NewKey') } },
  async handle({ caller, body }, { transact, publicUrl }) {
    const { FriendlyName = 'API key', Scope = 'full' } = body;
    const { key, secret } = await transact((unit) =>
      createApiKey(caller.accountSid, FriendlyName, scopeNamed(Scope), unit),
    );
    return {
      status: 201,
      body: JSON.stringify({ ...renderKey(key, publicUrl), secret }),
      headers: { 'Cache-Control': 'no-store' },
    };
  },
});
