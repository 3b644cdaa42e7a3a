// Schemas of the stock, and of what is imported into it.
import { KEPT_PROBLEMS } from '../../smdp/stock/stock-import.ts';
import { PREVIEWED_ROWS } from '../../smdp/stock/stock-preview.ts';
import { PROFILE_STATES } from '../../smdp/stock/stock.ts';
import { Type } from 'typebox';
import { errorFields } from './lists-and-errors.ts';
import { count, date, nullable, oneOf, sid, url } from './values.ts';

export const Stock = Type.Object(
  {
    account_sid: sid('AC'),
    profile_types: Type.Array(
      Type.Object({
        profile_type: Type.String(),
        available: count(),
        ordered: count('Assigned to an order, not yet downloaded.'),
        in_use: count('Downloaded or installed.'),
        unusable: count('Failed or withdrawn.'),
        total: count(),
        states: Type.Object(Object.fromEntries(PROFILE_STATES.map((state) => [state, count()])), {
          description: 'Subscriptions in each state of SGP.22 §3.1.6.',
        }),
        iccid_ranges: Type.Array(
          Type.Object({
            first: Type.String({ description: 'The lowest ICCID of the range that is in stock.' }),
            last: Type.String({ description: 'The highest.' }),
            available: count('How many in stock lie between them; there may be gaps.'),
          }),
          {
            description:
              'In ascending order, at most 20. A range is of ICCIDs that share all but their last seven digits, with ' +
              'those before and after it, as long as any is in stock.',
          },
        ),
        more_iccid_ranges: count('How many more ranges there are.'),
        threshold: nullable(
          Type.Object({
            sid: sid('ST'),
            threshold: Type.Integer({ minimum: 1 }),
            state: oneOf(
              ['sufficient', 'low'],
              'As last told. Checked every few seconds; `sufficient` again a tenth above the threshold.',
            ),
            callback_url: nullable(
              Type.String({ description: 'A user name and password in it are masked.' }),
            ),
            callback_method: Type.Enum(['GET', 'POST'], { type: 'string' }),
            date_updated: date(),
          }),
        ),
        forecast: Type.Ref('Forecast#'),
      }),
    ),
    url: url(),
  },
  { $id: 'Stock', title: 'Stock' },
);

export const StockImport = Type.Object(
  {
    imported: count(),
    already_in_stock: count(),
    dry_run: Type.Boolean(),
    ignored_columns: Type.Array(Type.String(), {
      description: 'Columns that were ignored, by name or number.',
    }),
  },
  { $id: 'StockImport', title: 'What was imported, or would be' },
);

const fileProblem = Type.Object({
  line: Type.Integer({ minimum: 1 }),
  column: nullable(Type.String()),
  message: Type.String({ description: 'What was expected and what was found.' }),
});

export const StockPreview = Type.Object(
  {
    encoding: Type.Enum(['utf-8', 'utf-16le', 'utf-16be'], { type: 'string' }),
    delimiter: Type.String({ description: 'A space stands for any number of spaces and tabs.' }),
    header_line: nullable(
      Type.Integer({
        minimum: 1,
        description: 'The line with the column names; null if there is none.',
      }),
    ),
    columns: Type.Array(
      Type.Object({
        number: Type.Integer({ minimum: 1 }),
        name: nullable(Type.String({ description: 'As in the file.' })),
        field: nullable(
          Type.String({ description: 'The field it is read as; null: it is ignored.' }),
        ),
      }),
    ),
    rows: Type.Array(
      Type.Object({
        line: Type.Integer({ minimum: 1 }),
        cells: Type.Array(Type.String(), {
          description: 'A value for each column, or only its length if it may be a secret.',
        }),
      }),
      { maxItems: PREVIEWED_ROWS },
    ),
    problems: Type.Array(fileProblem, {
      description: 'Problems with the column names and with these rows.',
    }),
  },
  { $id: 'StockPreview', title: 'Preview of a stock file' },
);

export const StockImportError = Type.Object(
  {
    ...errorFields,
    problem_count: Type.Optional(count()),
    problems: Type.Optional(
      Type.Array(fileProblem, {
        maxItems: KEPT_PROBLEMS,
        description: 'The first problems, in the order of the file.',
      }),
    ),
  },
  { $id: 'StockImportError', title: 'Error of a stock file' },
);
