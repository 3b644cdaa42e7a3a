import { Type } from 'typebox';
import { RELEASE_AGAIN } from '../operator/release-policy.ts';
import { accountAnswer } from './account-answer.ts';
import { ref } from './answer-schemas.ts';
import { notFound } from './api-error.ts';
import { operation } from './operation.ts';

const PATH = '/v1/Account';

/** `POST /v1/Account`: ours. */
export const updateAccount = operation({
  operationId: 'UpdateAccount',
  method: 'POST',
  path: PATH,
  tag: 'Account',
  summary: 'Update the account',
  description: 'Ours: changes the settings of the account.',
  body: Type.Object({
    ReleaseAgain: Type.Optional(
      Type.Enum([...RELEASE_AGAIN], {
        type: 'string',
        description:
          'When the subscription of an order is released again as a new order, without being asked: `failure`, when its ' +
          'eUICC has reported a failed installation; `deletion`, when it has reported that the profile was deleted; `both`; ' +
          'or `off`.',
      }),
    ),
  }),
  responses: { 200: { description: 'The updated account.', schema: ref('Account') } },
  async handle({ caller, body }, { transact, config, publicUrl }) {
    const account = await transact(async ({ tables }) => {
      if (body.ReleaseAgain !== undefined) {
        await tables.accounts.setReleaseAgain(caller.accountSid, body.ReleaseAgain);
      }
      return tables.accounts.find(caller.accountSid);
    });
    if (account === undefined) throw notFound(PATH);
    return { status: 200, body: accountAnswer(account, caller, { config, publicUrl }) };
  },
});
