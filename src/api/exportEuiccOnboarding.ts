import { Type } from 'typebox';
import { walkEuiccs } from '../eim/fleet/find-euiccs.ts';
import { ONBOARDING_COLUMNS, onboardingLines } from '../eim/fleet/onboarding.ts';
import { EXPORT_FORMATS } from '../operator/export/export-file.ts';
import { EXAMPLES } from './answer-examples.ts';
import { euiccFilter, parseEuiccFilter } from './euicc-filter.ts';
import { eimOf, EUICCS_PATH, NO_EIM } from './euicc-paths.ts';
import {
  EXPORT_HEADERS,
  exportAnswer,
  exportParameters,
  exportResponse,
  FORMAT_DESCRIPTION,
  formatParameter,
} from './export-answer.ts';
import { operation } from './operation.ts';

const { eid, euicc_sid, eim_id, eim_fqdn, add_initial_eim_request } = EXAMPLES.EuiccOnboarding;
const EXAMPLE = {
  eid,
  euicc_sid,
  friendly_name: 'Pump 7',
  group_sid: EXAMPLES.EuiccGroup.sid,
  eim_id,
  eim_fqdn,
  add_initial_eim_request,
};

/** `GET /v1/Euiccs/Onboarding`: ours. */
export const exportEuiccOnboarding = operation({
  operationId: 'ExportEuiccOnboarding',
  method: 'GET',
  path: `${EUICCS_PATH}/Onboarding`,
  tag: 'IoT fleets',
  summary: 'Export what the devices of many eUICCs need to know the eIM',
  description:
    'Ours: for each eUICC, AddInitialEimRequest (DER in base64), newest first. It is the same for all that were registered with ' +
    'the same key of the eIM and were never sent a package, so a factory needs one of them. Counted apart from other requests.',
  streams: 'exports',
  query: Type.Object({
    Format: formatParameter(EXPORT_FORMATS, FORMAT_DESCRIPTION),
    ...exportParameters(ONBOARDING_COLUMNS),
    ...euiccFilter,
  }),
  responses: { 200: exportResponse(ONBOARDING_COLUMNS, EXAMPLE) },
  errors: { 409: NO_EIM },
  answerHeaders: EXPORT_HEADERS,
  async handle({ caller: { accountSid }, query }, { store, config, eim, now }) {
    const rules = { eim: eimOf({ eim }), config };
    const { filter } = await parseEuiccFilter(accountSid, query, store);
    async function* pages(signal: AbortSignal): AsyncGenerator<string[]> {
      const lineOf = onboardingLines(rules);
      for await (const rows of walkEuiccs(filter, store, signal)) {
        const lines: string[] = [];
        for (const row of rows) lines.push(await lineOf(row));
        yield lines;
      }
    }
    return exportAnswer(query, { name: 'onboarding', columns: ONBOARDING_COLUMNS, pages }, { now });
  },
});
