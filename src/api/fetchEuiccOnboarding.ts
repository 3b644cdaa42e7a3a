import { onboardingOf } from '../eim/euiccs.ts';
import { eimIdOf } from '../eim/server-keys.ts';
import { ref } from './answer-schemas.ts';
import { EUICC_PATH, eimOf, euiccAt, EuiccParams, EUICCS_PATH, NO_EIM } from './euicc-paths.ts';
import { etagOf } from './etag.ts';
import { operation } from './operation.ts';

/** `GET /v1/Euiccs/{Sid}/Onboarding`: ours. */
export const fetchEuiccOnboarding = operation({
  operationId: 'FetchEuiccOnboarding',
  method: 'GET',
  path: `${EUICC_PATH}/Onboarding`,
  tag: 'IoT devices',
  summary: 'Fetch what a device needs to know the eIM',
  description:
    'Ours: AddInitialEimRequest (SGP.32 §5.9.4) with the EimConfigurationData of this eIM. The IPA of the device passes it to ' +
    'the eUICC, once and while that knows no eIM; many take it from a file.',
  params: EuiccParams,
  responses: { 200: { description: 'The request.', schema: ref('EuiccOnboarding') } },
  errors: { 409: NO_EIM },
  async handle({ caller, params: { Sid } }, { store, config, eim, publicUrl }) {
    const path = `${EUICCS_PATH}/${Sid}/Onboarding`;
    const row = await euiccAt(caller.accountSid, Sid, path, store);
    const request = await onboardingOf(row, { eim: eimOf({ eim }) });
    const body = JSON.stringify({
      euicc_sid: row.sid,
      eid: row.eid,
      eim_id: eimIdOf(config),
      eim_fqdn: config.eimFqdn,
      add_initial_eim_request: request.toBase64(),
      url: `${publicUrl}/v1/Euiccs/${row.sid}/Onboarding`,
    });
    return { status: 200, body, etag: etagOf(body) };
  },
});
