import { revokeApiKey } from '../operator/account/account.ts';
import { notFound } from './api-error.ts';
import { operation } from './operation.ts';
import { SidParams } from './parameter-schemas.ts';

/** `DELETE /v1/Keys/{Sid}`: ours. */
export const deleteKey = operation({
  operationId: 'DeleteKey',
  method: 'DELETE',
  path: '/v1/Keys/:Sid',
  tag: 'Keys',
  summary: 'Revoke an API key',
  description:
    'Ours: revokes an API key permanently. Writes with it fail at once; reads may succeed for one more second. It ' +
    'stays in the list. Revoking it again has no effect.',
  params: SidParams,
  responses: { 204: { description: 'The key is revoked.', empty: true } },
  async handle({ caller, params }, { transact }) {
    const revoked = await transact((unit) => revokeApiKey(caller.accountSid, params.Sid, unit));
    if (revoked === undefined) throw notFound(`/v1/Keys/${params.Sid}`);
    return { status: 204, body: '' };
  },
});
