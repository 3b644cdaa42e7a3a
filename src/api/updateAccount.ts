import { Type } from 'typebox';
import { changeAccount } from '../operator/account/settings.ts';
import { CALLBACK_URL_LIMIT } from '../operator/callback-url.ts';
import { RELEASE_AGAIN } from '../operator/release-policy.ts';
import { accountAnswer } from './account-answer.ts';
import { ref } from './answer-schemas.ts';
import { notFound } from './api-error.ts';
import { operation } from './operation.ts';
import { CallbackMethod } from './parameter-schemas.ts';

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
    CallbackUrl: Type.Optional(
      Type.String({
        maxLength: CALLBACK_URL_LIMIT,
        format: 'http-url-or-empty',
        title: 'an http or https URL, or empty',
        description:
          'Called about all orders and Sims that have no `CallbackUrl` of their own, also those from before; empty removes it.',
      }),
    ),
    CallbackMethod: Type.Optional(CallbackMethod),
    EuiccCallbacks: Type.Optional(
      Type.Boolean({
        description:
          'Whether the `CallbackUrl` is called about eUICCs of the eIM, and operations on them, as well: those that have no ' +
          '`CallbackUrl` of their own.',
      }),
    ),
  }),
  mayBeEmpty: ['CallbackUrl'],
  responses: { 200: { description: 'The updated account.', schema: ref('Account') } },
  async handle({ caller, body }, { transact, masterKey, config, publicUrl }) {
    const {
      ReleaseAgain: releaseAgain,
      CallbackUrl: callbackUrl,
      CallbackMethod: callbackMethod,
      EuiccCallbacks: euiccCallbacks,
    } = body;
    const change = { releaseAgain, callbackUrl, callbackMethod, euiccCallbacks };
    const account = await transact((unit) =>
      changeAccount(caller.accountSid, change, masterKey, unit),
    );
    if (account === undefined) throw notFound(PATH);
    return { status: 200, body: accountAnswer(account, caller, { config, publicUrl }) };
  },
});
