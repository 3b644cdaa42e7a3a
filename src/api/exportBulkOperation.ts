import { Type } from 'typebox';
import {
  BULK_ITEM_STATES,
  BULK_RESULT_COLUMNS,
  renderBulkItem,
  walkBulkItems,
} from '../eim/fleet/bulk-items.ts';
import { EXPORT_FORMATS } from '../operator/export/export-file.ts';
import { EXAMPLES } from './answer-examples.ts';
import { BULK_PATH, findBulk } from './bulk-paths.ts';
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

/** `GET /v1/Euiccs/BulkOperations/{Sid}/Result`: ours. */
export const exportBulkOperation = operation({
  operationId: 'ExportBulkOperation',
  method: 'GET',
  path: `${BULK_PATH}/Result`,
  tag: 'IoT fleets',
  summary: 'Export the result of a bulk operation',
  description:
    'Ours: every eUICC in the order of the request, with what has become of its operation. May be fetched while it is under way. ' +
    'Counted apart from other requests.',
  streams: 'exports',
  params: SidParams,
  query: Type.Object({
    Format: formatParameter(EXPORT_FORMATS, FORMAT_DESCRIPTION),
    ...exportParameters(BULK_RESULT_COLUMNS),
    State: Type.Optional(
      anyOf(BULK_ITEM_STATES, 'Only items in these states, repeated or separated by commas.'),
    ),
  }),
  responses: { 200: exportResponse(BULK_RESULT_COLUMNS, EXAMPLES.BulkOperationItem) },
  answerHeaders: EXPORT_HEADERS,
  async handle({ caller, params, query }, { store, now }) {
    const bulk = await findBulk(caller.accountSid, params.Sid, store, '/Result');
    const { State: states, ...chosen } = query;
    async function* pages(signal: AbortSignal): AsyncGenerator<string[]> {
      for await (const items of walkBulkItems(bulk, { states, signal }, store)) {
        yield items.map(renderBulkItem);
      }
    }
    const list = { name: 'bulk-operation', columns: BULK_RESULT_COLUMNS, pages };
    return exportAnswer(chosen, list, { now });
  },
});
