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
    'Ours: ends an API key for ever: it changes nothing any more, and may read for a second. It stays in the list. ' +
    'Once more changes nothing.',
  params: SidParams,
  responses: { 204: { description: 'The key is revoked.', empty: true } },
  async handle({ caller, params }, { transact }) {
    const revoked = await transact((unit) => revokeApiKey(caller.accountSid, params.Sid, unit));
    if (revoked === undefined) throw notFound(`/v1/Keys/${params.Sid}`);
    return { status: 204, body: '' };
  },
});
