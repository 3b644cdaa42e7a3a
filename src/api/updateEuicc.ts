import { Type } from 'typebox';
import { changeEuicc, renderEuicc } from '../eim/euiccs.ts';
import { ref } from './answer-schemas.ts';
import { euiccAt, EUICC_PATH, EuiccParams, EUICCS_PATH, toApiError } from './euicc-paths.ts';
import { operation } from './operation.ts';
import { describe, FriendlyName } from './parameter-schemas.ts';

/** `POST /v1/Euiccs/{Sid}`: ours. */
export const updateEuicc = operation({
  operationId: 'UpdateEuicc',
  method: 'POST',
  path: EUICC_PATH,
  tag: 'IoT devices',
  need: 'orders',
  summary: 'Update an eUICC',
  description:
    'Ours: changes what this server calls the eUICC. The eUICC itself hears nothing of it.',
  params: EuiccParams,
  body: Type.Object({
    FriendlyName: Type.Optional(describe(FriendlyName, 'Another name for people; empty: none.')),
  }),
  mayBeEmpty: ['FriendlyName'],
  responses: { 200: { description: 'The updated eUICC.', schema: ref('Euicc') } },
  async handle({ caller, params: { Sid }, body }, { transact, publicUrl }) {
    const { FriendlyName: name } = body;
    const change = name === undefined ? {} : { friendly_name: name || null };
    const path = `${EUICCS_PATH}/${Sid}`;
    const row = await transact(async (unit) =>
      changeEuicc(await euiccAt(caller.accountSid, Sid, path, unit.tables), change, unit),
    ).catch((error: unknown) => {
      throw toApiError(error);
    });
    return { status: 200, body: renderEuicc(row, publicUrl) };
  },
});
