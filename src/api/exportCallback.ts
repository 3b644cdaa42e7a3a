import { Type } from 'typebox';
import { CALLBACK_STATES } from '../operator/callback.ts';
import { CALLBACK_COLUMNS } from '../operator/export/export-columns.ts';
import { EXPORT_FORMATS } from '../operator/export/export-file.ts';
import { walk } from '../operator/export/walk.ts';
import { EXAMPLES } from './answer-examples.ts';
import { callbackFilter, parseCallbackFilter } from './callback-filter.ts';
import { callbackRecords } from './callback-records.ts';
import {
  EXPORT_HEADERS,
  exportAnswer,
  exportParameters,
  exportResponse,
  FORMAT_DESCRIPTION,
  formatParameter,
} from './export-answer.ts';
import { operation } from './operation.ts';

/** `GET /v1/Callbacks/Export`: ours. */
export const exportCallback = operation({
  operationId: 'ExportCallback',
  method: 'GET',
  path: '/v1/Callbacks/Export',
  tag: 'Callbacks',
  summary: 'Export callbacks',
  description:
    'Ours: the callbacks that ListCallback lists with the same filters, as one file; see ExportEsimProfile. In CSV, ' +
    '`parameters` and `attempts` are JSON.',
  streams: 'exports',
  query: Type.Object({
    Format: formatParameter(EXPORT_FORMATS, FORMAT_DESCRIPTION),
    ...exportParameters(CALLBACK_COLUMNS),
    ...callbackFilter(CALLBACK_STATES),
  }),
  responses: { 200: exportResponse(CALLBACK_COLUMNS, EXAMPLES.Callback) },
  answerHeaders: EXPORT_HEADERS,
  async handle({ caller: { accountSid }, query }, { store, publicUrl, now }) {
    const { columns, bounds } = parseCallbackFilter(query);
    const filter = { account_sid: accountSid, ...columns };
    async function* pages(signal: AbortSignal): AsyncGenerator<string[]> {
      const found = walk((position, size) => store.callbackPages(filter, position, size, bounds), {
        signal,
      });
      for await (const rows of found) yield callbackRecords(accountSid, rows, { store, publicUrl });
    }
    return exportAnswer(query, { name: 'callbacks', columns: CALLBACK_COLUMNS, pages }, { now });
  },
});
