import type { ComponentChildren, VNode } from 'preact';

export interface Column<Row> {
  id: string;
  title: string;
  cell: (row: Row) => ComponentChildren;
  /** Place in the two-line layout of narrow screens; hidden there if not set. */
  phone?: 'start' | 'end' | 'below' | 'below-end';
}

/** A text shown in a row in place of some of its cells. */
export interface Remark {
  /** Columns that may give way: the first adjacent ones that are shown. */
  instead: readonly string[];
  text: ComponentChildren;
}

/** Checkboxes in front of the rows. */
export interface RowSelection<Row> {
  has: (row: Row) => boolean;
  /** @param range whether the rows since the last toggled one follow */
  toggle: (row: Row, range: boolean) => void;
  toggleAll: (isChosen: boolean) => void;
  /** Names a row's checkbox. */
  label: (row: Row) => string;
}

/**
 * A table; on narrow screens each row becomes a card of two lines. Roles are explicit because browsers drop the table
 * semantics when CSS changes the layout.
 */
export function DataTable<Row extends { sid: string }>({
  title,
  columns,
  rows,
  busy,
  isFresh,
  remark,
  selection,
}: {
  title: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  /** Other rows are being loaded. */
  busy: boolean;
  /** Whether a row changed just now. */
  isFresh?: (row: Row) => boolean;
  remark?: (row: Row) => Remark | undefined;
  selection?: RowSelection<Row>;
}) {
  return (
    <div
      class="table-frame two-lines"
      tabIndex={0}
      role="region"
      aria-label={title}
      aria-busy={busy}
    >
      <table role="table">
        <thead role="rowgroup">
          <tr role="row">
            {selection !== undefined && <SelectAll rows={rows} selection={selection} />}
            {columns.map(({ id, title: heading }) => (
              <th key={id} role="columnheader" scope="col">
                {heading}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((row) => (
            <tr
              key={row.sid}
              role="row"
              data-fresh={isFresh?.(row) || undefined}
              data-selected={selection?.has(row) || undefined}
            >
              {selection !== undefined && <SelectRow row={row} selection={selection} />}
              {cellsOf(row, columns, remark?.(row))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function SelectAll<Row>({
  rows,
  selection,
}: {
  rows: readonly Row[];
  selection: RowSelection<Row>;
}) {
  const count = rows.filter((row) => selection.has(row)).length;
  return (
    <th role="columnheader" scope="col" class="select">
      <label>
        <input
          type="checkbox"
          aria-label="Select all rows of this page"
          checked={count === rows.length}
          indeterminate={count > 0 && count < rows.length}
          onChange={({ currentTarget }) => selection.toggleAll(currentTarget.checked)}
        />
      </label>
    </th>
  );
}

function SelectRow<Row>({ row, selection }: { row: Row; selection: RowSelection<Row> }) {
  return (
    <td role="cell" class="select">
      <label>
        <input
          type="checkbox"
          data-row-select
          aria-label={selection.label(row)}
          checked={selection.has(row)}
          onClick={({ shiftKey }) => selection.toggle(row, shiftKey)}
        />
      </label>
    </td>
  );
}

function cellsOf<Row>(row: Row, columns: readonly Column<Row>[], remark?: Remark): VNode[] {
  const makesRoom = columns.map(({ id }) => remark?.instead.includes(id) === true);
  const first = makesRoom.indexOf(true);
  const after = makesRoom.indexOf(false, first);
  const end = after === -1 ? columns.length : after;
  return columns.flatMap(({ id, cell, phone }, at) => {
    if (first !== -1 && at > first && at < end) return [];
    if (at !== first) {
      // The remark stands below.
      const place = first !== -1 && phone === 'below' ? undefined : phone;
      return (
        <td
          key={id}
          role="cell"
          class={place === undefined ? `column-${id}` : `column-${id} phone-${place}`}
        >
          {cell(row)}
        </td>
      );
    }
    return (
      <td key="remark" role="cell" class="remark phone-below" colSpan={end - first}>
        <div>{remark!.text}</div>
      </td>
    );
  });
}

/** Placeholder for a table that takes noticeably long to load. */
export function TableSkeleton() {
  return (
    <div class="skeleton" aria-hidden="true">
      {Array.from({ length: 8 }, (_, index) => (
        <div key={index} />
      ))}
    </div>
  );
}

/** Shown for a missing value. */
export const NONE = <span class="muted none">–</span>;
