import { Type } from 'typebox';
import {
  OVERLAP_LIMIT_SECONDS,
  OVERLAP_SECONDS,
  rotateCallbackSecret as rotate,
} from '../operator/account/callback-secret.ts';
import { notFound } from './api-error.ts';
import {
  CALLBACK_SECRET_HEADERS,
  CALLBACK_SECRET_PATH,
  callbackSecretAnswer,
} from './callback-secret-answer.ts';
import { operation } from './operation.ts';
import { ref } from './answer-schemas.ts';

/** `POST /v1/Account/CallbackSecret`: ours. */
export const rotateCallbackSecret = operation({
  operationId: 'RotateCallbackSecret',
  method: 'POST',
  path: CALLBACK_SECRET_PATH,
  tag: 'Account',
  summary: 'Replace the secret that signs callbacks',
  description:
    'Ours: makes a new secret. For a while, callbacks are signed with both, so that receivers can change one after the ' +
    'other. Of three, the oldest no longer signs.',
  body: Type.Object({
    PreviousSeconds: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: OVERLAP_LIMIT_SECONDS,
        default: OVERLAP_SECONDS,
        description: 'How long the previous secret signs as well; 0 if it has been stolen.',
      }),
    ),
  }),
  answerHeaders: CALLBACK_SECRET_HEADERS,
  responses: { 200: { description: 'The new secret.', schema: ref('CallbackSecret') } },
  async handle({ caller, body }, { transact, masterKey, now, publicUrl }) {
    const { PreviousSeconds: seconds = OVERLAP_SECONDS } = body;
    const account = await transact((unit) => rotate(caller.accountSid, seconds, masterKey, unit));
    if (account === undefined) throw notFound(CALLBACK_SECRET_PATH);
    return callbackSecretAnswer(account, { masterKey, now, publicUrl });
  },
});
