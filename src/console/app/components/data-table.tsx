import type { ComponentChildren } from 'preact';

export interface Column<Row> {
  id: string;
  title: string;
  cell: (row: Row) => ComponentChildren;
}

/**
 * Rows under titles; on a narrow screen each row is a card. The roles are spelled out, since a browser
 * takes a table that is laid out otherwise for none.
 */
export function DataTable<Row extends { sid: string }>({
  title,
  columns,
  rows,
  busy,
  isFresh,
}: {
  title: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  /** Other rows are on their way. */
  busy: boolean;
  /** Whether a row has just changed. */
  isFresh?: (row: Row) => boolean;
}) {
  return (
    <div class="table-frame" tabIndex={0} role="region" aria-label={title} aria-busy={busy}>
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
              {columns.map(({ id, title: heading, cell }) => (
                <td key={id} role="cell" data-title={heading} class={`column-${id}`}>
                  {cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
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
