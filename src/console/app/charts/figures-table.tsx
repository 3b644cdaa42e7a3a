import '../styles/figures.css';
import { CopyButton } from '../components/copy.tsx';

type Cell = string | number;

/** Numbers as a table, which can be copied into a spreadsheet. */
export function FiguresTable({
  title,
  columns,
  rows,
}: {
  title: string;
  columns: readonly string[];
  /** The first cell of each is its heading. */
  rows: readonly (readonly Cell[])[];
}) {
  const isNumber = columns.map((_, at) => rows.every((row) => typeof row[at] === 'number'));
  const text = [columns, ...rows].map((cells) => cells.join('\t')).join('\n');
  return (
    <>
      <div class="figures" tabIndex={0} role="region" aria-label={title}>
        <table>
          <thead>
            <tr>
              {columns.map((column, at) => (
                <th key={column} scope="col" class={isNumber[at] ? 'number' : undefined}>
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(([first, ...cells]) => (
              <tr key={first}>
                <th scope="row">{first}</th>
                {cells.map((cell, at) => (
                  <td key={columns[at + 1]} class={typeof cell === 'number' ? 'number' : undefined}>
                    {cell.toLocaleString()}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <CopyButton text={text} what={`table: ${title}`} label="Copy table" />
    </>
  );
}

/** The same, folded: what a chart above it shows. */
export function FoldedTable(props: Parameters<typeof FiguresTable>[0]) {
  return (
    <details class="folded">
      <summary>{`Table: ${props.title}`}</summary>
      <FiguresTable {...props} />
    </details>
  );
}
