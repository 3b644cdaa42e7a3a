import { Type } from 'typebox';
import { renderEuicc, updateEuicc as update } from '../eim/euiccs.ts';
import { CALLBACK_URL_LIMIT } from '../operator/callback-url.ts';
import { ref } from './answer-schemas.ts';
import { notFound } from './api-error.ts';
import { EUICC_PATH, euiccAt, EuiccParams, EUICCS_PATH } from './euicc-paths.ts';
import { callbackGiven } from './euicc-callback.ts';
import { operation } from './operation.ts';
import { CallbackMethod, FriendlyName } from './parameter-schemas.ts';

/** `POST /v1/Euiccs/{Sid}`: ours. */
export const updateEuicc = operation({
  operationId: 'UpdateEuicc',
  method: 'POST',
  path: EUICC_PATH,
  tag: 'IoT devices',
  need: 'orders',
  summary: 'Update an eUICC',
  description: 'Ours: its name, and where callbacks about it go.',
  params: EuiccParams,
  body: Type.Object({
    FriendlyName: Type.Optional(FriendlyName),
    CallbackUrl: Type.Optional(
      Type.String({
        maxLength: CALLBACK_URL_LIMIT,
        format: 'http-url-or-none-or-empty',
        title: 'an http or https URL, or none, or empty',
        description:
          'Called when its status changes, or that of an operation on it; empty: that of the account, if it has ' +
          '`EuiccCallbacks`; `none`: no callbacks.',
      }),
    ),
    CallbackMethod: Type.Optional(CallbackMethod),
  }),
  mayBeEmpty: ['FriendlyName', 'CallbackUrl'],
  responses: { 200: { description: 'The updated eUICC.', schema: ref('Euicc') } },
  async handle({ caller, params: { Sid }, body }, { transact, masterKey, publicUrl }) {
    const path = `${EUICCS_PATH}/${Sid}`;
    const { FriendlyName: name } = body;
    const row = await transact(async (unit) => {
      const found = await euiccAt(caller.accountSid, Sid, path, unit.tables);
      const callback = callbackGiven(body, caller.accountSid, masterKey);
      const friendlyName = name === '' ? null : name;
      return update(found, { friendlyName, callback }, unit);
    });
    if (row === undefined) throw notFound(path);
    return { status: 200, body: renderEuicc(row, publicUrl) };
  },
});
