import { Type } from 'typebox';
import {
  ITEM_STATES,
  renderResult,
  RESULT_COLUMNS,
  walkItems,
} from '../operator/batch/batch-items.ts';
import { EXPORT_FORMATS } from '../operator/export/export-file.ts';
import { EXAMPLES } from './answer-examples.ts';
import { BATCHES_PATH, findBatch } from './batch-path.ts';
import {
  EXPORT_HEADERS,
  exportAnswer,
  exportParameters,
  exportResponse,
  FORMAT_DESCRIPTION,
  formatParameter,
} from './export-answer.ts';
import { operation } from './operation.ts';
import { anyOf, SidParams } from './parameter-schemas.ts';

const { Install, EsimProfile } = EXAMPLES;
const EXAMPLE = {
  item: 1,
  state: 'ordered',
  error: null,
  lpa: Install.lpa,
  apple_url: Install.apple_url,
  android_url: Install.android_url,
  ...EsimProfile,
};

/** `GET /v1/ESimProfiles/Batches/{Sid}/Result`: ours. */
export const exportBatch = operation({
  operationId: 'ExportBatch',
  method: 'GET',
  path: `${BATCHES_PATH}/:Sid/Result`,
  tag: 'Batches',
  summary: 'Export the result of a batch',
  description:
    'Ours: every item in the order of the request, with its eSIM Profile as it is now, its activation code, and the links with ' +
    'which iPhones and Android phones install it. May be fetched while the batch is running. Counted apart from other requests.',
  streams: 'exports',
  params: SidParams,
  query: Type.Object({
    Format: formatParameter(EXPORT_FORMATS, FORMAT_DESCRIPTION),
    ...exportParameters(RESULT_COLUMNS),
    State: Type.Optional(
      anyOf(ITEM_STATES, 'Only items in these states, repeated or separated by commas.'),
    ),
  }),
  responses: { 200: exportResponse(RESULT_COLUMNS, EXAMPLE) },
  answerHeaders: EXPORT_HEADERS,
  async handle({ caller, params, query }, { store, masterKey, publicUrl, now }) {
    const batch = await findBatch(caller.accountSid, params.Sid, store, '/Result');
    const { State: states, ...form } = query;
    async function* pages(signal: AbortSignal): AsyncGenerator<string[]> {
      for await (const items of walkItems(batch, { states, signal }, { store, masterKey })) {
        yield items.map((item) => renderResult(item, publicUrl));
      }
    }
    return exportAnswer(form, { name: 'batch', columns: RESULT_COLUMNS, pages }, { now });
  },
});
