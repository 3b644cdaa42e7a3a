import { Type } from 'typebox';
import { renderEuicc, updateEuicc as update } from '../eim/euiccs.ts';
import { GROUP_NAME_LIMIT } from '../eim/fleet/groups.ts';
import { CALLBACK_URL_LIMIT } from '../operator/callback-url.ts';
import { cleanFriendlyName } from '../operator/owner-fields.ts';
import { ref } from './answer-schemas.ts';
import { callbackGiven } from './euicc-callback.ts';
import { ipaGiven, ipaParameters } from './euicc-ipa.ts';
import { metadataAfter } from './euicc-metadata.ts';
import { EUICC_PATH, euiccAt, EuiccParams, EUICCS_PATH, toApiError } from './euicc-paths.ts';
import { operation } from './operation.ts';
import { CallbackMethod, describe, FriendlyName, Metadata } from './parameter-schemas.ts';

/** `POST /v1/Euiccs/{Sid}`: ours. */
export const updateEuicc = operation({
  operationId: 'UpdateEuicc',
  method: 'POST',
  path: EUICC_PATH,
  tag: 'IoT devices',
  need: 'orders',
  summary: 'Update an eUICC',
  description:
    'Ours: its name, its group, its metadata, where callbacks about it go, and where its IPA listens. What is not given stays as it is.',
  params: EuiccParams,
  body: Type.Object({
    FriendlyName: Type.Optional(
      describe(FriendlyName, 'A name for people; empty removes it. Names need not differ.'),
    ),
    Group: Type.Optional(
      Type.String({
        maxLength: 4 * GROUP_NAME_LIMIT,
        description:
          'The group that it is put into: its name, or its SID; one that does not exist is made. Empty: none.',
      }),
    ),
    Metadata: Type.Optional(
      describe(
        Metadata,
        'What changes of the metadata, as JSON, or one parameter for each key: `Metadata.KEY=VALUE`. Other keys stay as they ' +
          'are; a key without a value goes, and all go if it is empty.',
      ),
    ),
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
    ...ipaParameters('it does not listen.'),
  }),
  mayBeEmpty: ['FriendlyName', 'Group', 'Metadata', 'CallbackUrl', 'IpaUrl', 'IpaCa'],
  responses: { 200: { description: 'The eUICC.', schema: ref('Euicc') } },
  errors: { 409: 'The eUICC was removed meanwhile.' },
  async handle({ caller, params: { Sid }, body }, { transact, masterKey, publicUrl }) {
    const { FriendlyName: name, Group: group, Metadata: metadata } = body;
    const callback = callbackGiven(body, caller.accountSid, masterKey);
    const row = await transact(async (unit) => {
      const found = await euiccAt(caller.accountSid, Sid, `${EUICCS_PATH}/${Sid}`, unit.tables);
      return update(
        found,
        ({ metadata: kept }) => ({
          ...(name === undefined ? {} : { friendlyName: cleanFriendlyName(name) }),
          ...(group === undefined ? {} : { group: group === '' ? null : group }),
          ...(metadata === undefined ? {} : { metadata: metadataAfter(kept, metadata) }),
          callback,
          ipa: ipaGiven(body),
        }),
        unit,
      );
    }).catch((error: unknown) => {
      throw toApiError(error);
    });
    return { status: 200, body: renderEuicc(row, publicUrl) };
  },
});
