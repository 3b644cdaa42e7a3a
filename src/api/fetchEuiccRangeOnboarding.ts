import { onboardingOfAll } from '../eim/ranges.ts';
import { eimIdOf } from '../eim/server-keys.ts';
import { ref } from './answer-schemas.ts';
import { etagOf } from './etag.ts';
import { eimOf, NO_EIM } from './euicc-paths.ts';
import {
  EUICC_RANGE_PATH,
  EUICC_RANGES_PATH,
  EuiccRangeParams,
  rangeAt,
} from './euicc-range-paths.ts';
import { operation } from './operation.ts';

/** `GET /v1/EuiccRanges/{Sid}/Onboarding`: ours. */
export const fetchEuiccRangeOnboarding = operation({
  operationId: 'FetchEuiccRangeOnboarding',
  method: 'GET',
  path: `${EUICC_RANGE_PATH}/Onboarding`,
  tag: 'IoT devices',
  summary: 'Fetch what all devices of a range need to know the eIM',
  description:
    'Ours: AddInitialEimRequest (SGP.32 §5.9.4), as of `FetchEuiccOnboarding`, but the same for every device, so that it can ' +
    'be part of a firmware.',
  params: EuiccRangeParams,
  responses: { 200: { description: 'The request.', schema: ref('EuiccRangeOnboarding') } },
  errors: { 409: NO_EIM },
  async handle({ caller, params: { Sid } }, { store, config, eim, publicUrl }) {
    const path = `${EUICC_RANGES_PATH}/${Sid}/Onboarding`;
    const row = await rangeAt(caller.accountSid, Sid, path, store);
    const request = await onboardingOfAll({ eim: eimOf({ eim }), store });
    const body = JSON.stringify({
      euicc_range_sid: row.sid,
      eim_id: eimIdOf(config),
      eim_fqdn: config.eimFqdn,
      add_initial_eim_request: request.toBase64(),
      url: `${publicUrl}${path}`,
    });
    return { status: 200, body, etag: etagOf(body) };
  },
});
