import { Type } from 'typebox';
import { SIM_COLUMNS } from '../operator/export/export-columns.ts';
import { EXPORT_FORMATS } from '../operator/export/export-file.ts';
import { walk } from '../operator/export/walk.ts';
import { renderSim } from '../operator/resource.ts';
import { EXAMPLES } from './answer-examples.ts';
import {
  EXPORT_HEADERS,
  exportAnswer,
  exportParameters,
  exportResponse,
  FORMAT_DESCRIPTION,
  formatParameter,
} from './export-answer.ts';
import { operation } from './operation.ts';
import { parseSimFilter, simFilter } from './sim-filter.ts';

/** `GET /v1/Sims/Export`: ours. */
export const exportSim = operation({
  operationId: 'ExportSim',
  method: 'GET',
  path: '/v1/Sims/Export',
  tag: 'Sims',
  summary: 'Export Sims',
  description:
    'Ours: the Sims that ListSim lists with the same filters, as one file; see ExportEsimProfile.',
  streams: 'exports',
  query: Type.Object({
    Format: formatParameter(EXPORT_FORMATS, FORMAT_DESCRIPTION),
    ...exportParameters(SIM_COLUMNS),
    ...simFilter,
  }),
  responses: { 200: exportResponse(SIM_COLUMNS, EXAMPLES.Sim) },
  answerHeaders: EXPORT_HEADERS,
  async handle({ caller, query }, { store, publicUrl, now }) {
    const { columns, bounds } = parseSimFilter(query);
    const filter = { account_sid: caller.accountSid, ...columns };
    async function* pages(signal: AbortSignal): AsyncGenerator<string[]> {
      const found = walk((position, size) => store.simPages(filter, position, size, bounds), {
        signal,
      });
      for await (const rows of found) yield rows.map((row) => renderSim(row, publicUrl));
    }
    return exportAnswer(query, { name: 'sims', columns: SIM_COLUMNS, pages }, { now });
  },
});
