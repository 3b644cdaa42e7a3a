import type { ComponentChildren, VNode } from 'preact';

export interface Column<Row> {
  id: string;
  title: string;
  cell: (row: Row) => ComponentChildren;
  /** Where it stands in the two lines that a row has on a narrow screen; it is not there without. */
  phone?: 'start' | 'end' | 'below' | 'below-end';
}

/** Something to say of a row instead of what some of its columns hold. */
export interface Remark {
  /** Columns: the first of these that are shown side by side make room for it. */
  instead: readonly string[];
  text: ComponentChildren;
}

/**
 * Rows under titles; on a narrow screen each row is a card of two lines. The roles are spelled out, since a
 * browser takes a table that is laid out otherwise for none.
 */
export function DataTable<Row extends { sid: string }>({
  title,
  columns,
  rows,
  busy,
  isFresh,
  remark,
}: {
  title: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  /** Other rows are on their way. */
  busy: boolean;
  /** Whether a row has just changed. */
  isFresh?: (row: Row) => boolean;
  remark?: (row: Row) => Remark | undefined;
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
            {columns.map(({ id, title: heading }) => (
              <th key={id} role="columnheader" scope="col">
                {heading}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((row) => (
            <tr key={row.sid} role="row" data-fresh={isFresh?.(row) || undefined}>
              {cellsOf(row, columns, remark?.(row))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
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
      return (
        <td
          key={id}
          role="cell"
          class={phone === undefined ? `column-${id}` : `column-${id} phone-${phone}`}
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

/** Where a table will be, for a wait that is long enough to be seen. */
export function TableSkeleton() {
  return (
    <div class="skeleton" aria-hidden="true">
      {Array.from({ length: 8 }, (_, index) => (
        <div key={index} />
      ))}
    </div>
  );
}

/** What is where no value is. */
export const NONE = <span class="muted none">–</span>;
