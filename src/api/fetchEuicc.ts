import { renderEuicc } from '../eim/euiccs.ts';
import { ref } from './answer-schemas.ts';
import { etagOf } from './etag.ts';
import { EUICC_PATH, euiccAt, EuiccParams, EUICCS_PATH } from './euicc-paths.ts';
import { operation } from './operation.ts';

/** `GET /v1/Euiccs/{Sid}`: ours. */
export const fetchEuicc = operation({
  operationId: 'FetchEuicc',
  method: 'GET',
  path: EUICC_PATH,
  tag: 'IoT devices',
  summary: 'Fetch an eUICC',
  description:
    'Ours: an eUICC of the eIM, by its SID or its EID, with what is on it as last reported.',
  params: EuiccParams,
  responses: { 200: { description: 'The eUICC.', schema: ref('Euicc') } },
  async handle({ caller, params: { Sid } }, { store, publicUrl }) {
    const row = await euiccAt(caller.accountSid, Sid, `${EUICCS_PATH}/${Sid}`, store);
    const body = renderEuicc(row, publicUrl);
    return { status: 200, body, etag: etagOf(body) };
  },
});
