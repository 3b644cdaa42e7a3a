import { Type } from 'typebox';
import { StockFileTooLong } from '../smdp/stock/stock-file.ts';
import {
  importStockFile,
  StockFileRefused,
  StockImportFailed,
} from '../smdp/stock/stock-import.ts';
import { ApiError } from './api-error.ts';
import { ref } from './answer-schemas.ts';
import { columnMapping, parseColumnMapping } from './column-mapping.ts';
import { operation } from './operation.ts';
import { receiveUpload } from './upload.ts';

const FILE_LIMIT = 64 * 1024 * 1024;
/** On SQLite, orders wait a few seconds while the rows are written. */
const ROW_LIMIT = 100_000;

/** `POST /v1/Stock/Imports`: ours. Like `simwright stock import`, all or nothing. */
export const createStockImport = operation({
  operationId: 'CreateStockImport',
  method: 'POST',
  path: '/v1/Stock/Imports',
  begins: true,
  tag: 'Stock',
  need: 'stock',
  ofSmdp: true,
  summary: 'Import subscriptions from a CSV file',
  description:
    'Ours: imports the whole file, or nothing if it has any error. Rows identical to subscriptions already in ' +
    'stock are skipped; unrecognised columns are ignored. At most 64 MiB and 100,000 rows.',
  query: Type.Object({
    DryRun: Type.Optional(
      Type.Boolean({ default: false, description: 'Check the file and import nothing.' }),
    ),
    ...columnMapping,
  }),
  upload: {
    mediaType: 'text/csv',
    description: 'With the columns listed by `simwright stock import --help`, in any order.',
  },
  responses: {
    200: {
      description: 'What was imported, or would be with `DryRun`.',
      schema: ref('StockImport'),
    },
    400: { description: 'What is wrong with the file.', schema: ref('StockImportError') },
  },
  async handle(
    { caller, query, upload, confirmCaller },
    { config, store, masterKey, transact, counts, peers },
  ) {
    const { accountSid } = caller;
    const { iccidCheckDigit } = config;
    const mappings = parseColumnMapping(query.Map);
    const { DryRun: dryRun = false } = query;
    // Each account may have one, or files could fill the disk.
    if (!(await counts.beginImport(accountSid))) {
      throw new ApiError('conflict', 'Another import of this account is in progress');
    }
    try {
      await using file = await receiveUpload(upload, FILE_LIMIT);
      await confirmCaller();
      const options = { accountSid, dryRun, iccidCheckDigit, mappings, rowLimit: ROW_LIMIT };
      const imported = await importStockFile(file, options, { store, masterKey, transact });
      peers.tell('stock changed', accountSid);
      const body = {
        imported: imported.added,
        already_in_stock: imported.known,
        dry_run: dryRun,
        ignored_columns: imported.ignored,
      };
      return { status: 200, body: JSON.stringify(body) };
    } catch (error) {
      throw toApiError(error);
    } finally {
      counts.endImport(accountSid);
    }
  },
});

function toApiError(error: unknown): unknown {
  if (error instanceof StockImportFailed) {
    return new ApiError('conflict', `The file cannot be imported: ${error.message}`);
  }
  if (error instanceof StockFileTooLong) {
    return new ApiError(
      'bodyTooLarge',
      `The file is too long; at most ${ROW_LIMIT} rows are accepted`,
      'Split the file, or use `simwright stock import`.',
    );
  }
  if (!(error instanceof StockFileRefused)) return error;
  const { count } = error;
  const found = count === 1 ? '1 problem' : `${count} problems`;
  return new ApiError('invalidParameter', `${found} in the file; nothing was imported`, undefined, {
    problem_count: count,
    problems: error.problems.map(({ line, column = null, text }) => ({
      line,
      column,
      message: text,
    })),
  });
}
