import { COLUMN_NAMES, isOtaKeyName } from '../../../smdp/stock/stock-fields.ts';
import { NONE } from '../components/data-table.tsx';
import type { PreviewedColumn, StockPreview } from '../types.ts';

const IGNORE = 'ignore';
const ROWS_SHOWN = 3;
const OTA_KEYS = COLUMN_NAMES.filter(isOtaKeyName);
const OTHERS = COLUMN_NAMES.filter((name) => !isOtaKeyName(name));
const DELIMITERS: Record<string, string> = {
  ',': 'commas',
  ';': 'semicolons',
  '\t': 'tabs',
  '|': 'vertical bars',
  ' ': 'blanks',
};

/** The field of each column of a file, which the user may change, with the first values. */
export function StockMapping({
  preview,
  disabled,
  onChoose,
}: {
  preview: StockPreview;
  disabled: boolean;
  onChoose: (column: number, field: string) => void;
}) {
  const { columns, rows, delimiter, encoding, header_line: headerLine } = preview;
  const ignored = columns.filter(({ field }) => field === null).length;
  return (
    <div class="file-problems">
      <p class="muted">
        {headerLine === null ? 'No header line' : `Header on line ${headerLine}`}, fields separated
        by {DELIMITERS[delimiter] ?? delimiter}, {encoding.toUpperCase()}.{' '}
        {ignored > 0 && `${ignored === 1 ? '1 column is' : `${ignored} columns are`} ignored. `}
        Codes and keys are not shown.
      </p>
      <div
        class="table-frame"
        tabIndex={0}
        role="region"
        aria-label="Columns in the file"
        aria-busy={disabled}
      >
        <table role="table">
          <thead role="rowgroup">
            <tr role="row">
              <th role="columnheader" scope="col">
                Column
              </th>
              <th role="columnheader" scope="col">
                Field
              </th>
              <th role="columnheader" scope="col">
                First values
              </th>
            </tr>
          </thead>
          <tbody role="rowgroup">
            {columns.map((column, index) => (
              <tr key={column.number} role="row">
                <td role="cell" data-title="Column">
                  {column.name ?? <span class="muted">{column.number}, without a name</span>}
                </td>
                <td role="cell" data-title="Field">
                  <FieldChoice column={column} disabled={disabled} onChoose={onChoose} />
                </td>
                <td role="cell" data-title="First values" class="wrap">
                  {rows
                    .slice(0, ROWS_SHOWN)
                    .map(({ cells }) => cells[index])
                    .filter(Boolean)
                    .join(', ') || NONE}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

function FieldChoice({
  column: { number, name, field },
  disabled,
  onChoose,
}: {
  column: PreviewedColumn;
  disabled: boolean;
  onChoose: (column: number, field: string) => void;
}) {
  return (
    <select
      aria-label={`What column ${number} is${name === null ? '' : `: ${name}`}`}
      value={field ?? IGNORE}
      disabled={disabled}
      onChange={({ currentTarget }) => onChoose(number, currentTarget.value)}
    >
      <option value={IGNORE}>ignored</option>
      {OTHERS.map((other) => (
        <option key={other} value={other}>
          {other}
        </option>
      ))}
      <optgroup label="OTA keys">
        {OTA_KEYS.map((other) => (
          <option key={other} value={other}>
            {other}
          </option>
        ))}
      </optgroup>
    </select>
  );
}
