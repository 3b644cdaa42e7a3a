import { Type } from 'typebox';
import { previewStock } from '../smdp/stock/stock-preview.ts';
import type { StockPreview } from '../smdp/stock/stock-preview.ts';
import { ref } from './answer-schemas.ts';
import { columnMapping, parseColumnMapping } from './column-mapping.ts';
import { operation } from './operation.ts';
import { receiveUpload } from './upload.ts';

/** The first rows are enough. */
const FILE_LIMIT = 1024 * 1024;

/** `POST /v1/Stock/Previews`: ours. How an import would interpret the columns of a file. */
export const createStockPreview = operation({
  operationId: 'CreateStockPreview',
  method: 'POST',
  path: '/v1/Stock/Previews',
  begins: true,
  tag: 'Stock',
  need: 'stock',
  ofSmdp: true,
  summary: 'Preview a stock file',
  description:
    'Ours: shows how the columns of a stock file are interpreted, with its first rows. Nothing is imported, and ' +
    'codes and keys are not shown. The beginning of the file is enough; at most 1 MiB is accepted.',
  query: Type.Object(columnMapping),
  upload: { mediaType: 'text/csv', description: 'A stock file, or its beginning.' },
  responses: {
    200: { description: 'How the file is interpreted.', schema: ref('StockPreview') },
  },
  async handle({ query, upload }, { config }) {
    const mappings = parseColumnMapping(query.Map);
    await using file = await receiveUpload(upload, FILE_LIMIT);
    const preview = await previewStock(file, mappings, config.iccidCheckDigit);
    return { status: 200, body: JSON.stringify(resourceOf(preview)) };
  },
});

function resourceOf({ encoding, delimiter, headerLine, columns, rows, problems }: StockPreview) {
  return {
    encoding,
    delimiter,
    header_line: headerLine ?? null,
    columns: columns.map(({ number, title = null, field = null }) => ({
      number,
      name: title,
      field,
    })),
    rows,
    problems: problems.map(({ line, column = null, text }) => ({ line, column, message: text })),
  };
}
