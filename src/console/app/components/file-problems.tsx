import type { FileProblem } from '../http.ts';

/** The errors in a file, by line and, if known, column. */
export function FileProblems({
  problems,
  count = problems.length,
  note,
  number = 'Line',
}: {
  problems: FileProblem[];
  /** Of all, if these are only the first. */
  count?: number;
  /** Follows the count; without it, the table stands alone. */
  note?: string;
  /** What is numbered. */
  number?: string;
}) {
  const hasColumns = problems.some(({ column }) => column !== undefined);
  return (
    <div class="file-problems">
      {note !== undefined && (
        <p class="field-problem" role="alert">
          {count === 1 ? '1 problem' : `${count.toLocaleString()} problems`}
          {note}
        </p>
      )}
      <div
        class="table-frame"
        tabIndex={0}
        role="region"
        aria-label={note === undefined ? 'Problems' : 'Problems in the file'}
      >
        <table role="table">
          <thead role="rowgroup">
            <tr role="row">
              <th role="columnheader" scope="col">
                {number}
              </th>
              {hasColumns && (
                <th role="columnheader" scope="col">
                  Column
                </th>
              )}
              <th role="columnheader" scope="col">
                Problem
              </th>
            </tr>
          </thead>
          <tbody role="rowgroup">
            {problems.map(({ line, column, message }, index) => (
              <tr key={index} role="row">
                <td role="cell" data-title={number}>
                  {line}
                </td>
                {hasColumns && (
                  <td role="cell" data-title="Column">
                    <code>{column}</code>
                  </td>
                )}
                <td role="cell" data-title="Problem" class="wrap">
                  {message}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {count > problems.length && (
        <p class="muted">and {(count - problems.length).toLocaleString()} more</p>
      )}
    </div>
  );
}
