import { Type } from 'typebox';
import { CALLBACK_URL_LIMIT } from '../operator/callback-url.ts';
import { enoughAgain, MOST_THRESHOLD, setThreshold } from '../operator/stock/threshold.ts';
import { PROFILE_TYPE_LIMIT } from '../values/profile-type.ts';
import { ref } from './answer-schemas.ts';
import { ApiError } from './api-error.ts';
import { operation } from './operation.ts';
import { CallbackMethod, describe } from './parameter-schemas.ts';
import { STOCK_PATH, stockAnswer } from './stock-answer.ts';

/** `POST /v1/Stock`: ours. */
export const updateStock = operation({
  operationId: 'UpdateStock',
  method: 'POST',
  path: STOCK_PATH,
  tag: 'Stock',
  need: 'stock',
  ofSmdp: true,
  summary: 'Set when a profile type runs low',
  description:
    'Ours: sets the threshold of a profile type, and who is told. `CallbackUrl` is called once when fewer subscriptions ' +
    `are in stock than \`Threshold\`, and once when there is enough again: a tenth more, such as ${enoughAgain(1000)} for 1000.`,
  body: Type.Object({
    ProfileType: Type.String({
      minLength: 1,
      maxLength: PROFILE_TYPE_LIMIT,
      description: 'One that the stock has, or has had.',
    }),
    Threshold: Type.Optional(
      Type.String({
        pattern: '^[1-9][0-9]{0,5}$|^$',
        title: `a whole number from 1 to ${MOST_THRESHOLD}, or empty`,
        description: `From 1 to ${MOST_THRESHOLD}; empty removes it.`,
        examples: ['1000'],
      }),
    ),
    CallbackUrl: Type.Optional(
      Type.String({
        maxLength: CALLBACK_URL_LIMIT,
        format: 'http-url-or-empty',
        title: 'an http or https URL, or empty',
        description: 'Called when the stock crosses the threshold; empty removes it.',
      }),
    ),
    CallbackMethod: Type.Optional(describe(CallbackMethod, 'How CallbackUrl is called.')),
  }),
  mayBeEmpty: ['Threshold', 'CallbackUrl'],
  responses: { 200: { description: 'The stock.', schema: ref('Stock') } },
  async handle({ caller: { accountSid }, body }, { store, masterKey, publicUrl, now, transact }) {
    const { ProfileType: profileType, Threshold: text } = body;
    const { CallbackUrl: url, CallbackMethod: method } = body;
    const threshold = text === undefined ? undefined : Number(text) || null;
    if (threshold !== null && threshold !== undefined && threshold > MOST_THRESHOLD) {
      const problem = `expected a whole number from 1 to ${MOST_THRESHOLD}, or empty; got '${text}'`;
      throw new ApiError('invalidParameter', `Invalid parameter Threshold: ${problem}`);
    }
    if (!(await store.stock.hasType(accountSid, profileType))) {
      throw new ApiError(
        'invalidParameter',
        `Invalid parameter ProfileType: the account has no subscriptions of the profile type '${profileType}'`,
      );
    }
    const change = {
      accountSid,
      profileType,
      threshold,
      callbackUrl: url === undefined ? undefined : url || null,
      callbackMethod: method,
    };
    await transact((unit) => setThreshold(change, masterKey, unit));
    return { status: 200, body: await stockAnswer(accountSid, { store, publicUrl, now }) };
  },
});
