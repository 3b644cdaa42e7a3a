import type { FileProblem } from '../http.ts';

/** The errors in a stock file, by line and column. */
export function StockFileProblems({
  problems,
  count,
  note,
}: {
  problems: FileProblem[];
  count: number;
  note: string;
}) {
  return (
    <div class="file-problems">
      <p class="field-problem" role="alert">
        {count === 1 ? '1 problem' : `${count.toLocaleString()} problems`}
        {note}
      </p>
      <div class="table-frame" tabIndex={0} role="region" aria-label="Problems in the file">
        <table role="table">
          <thead role="rowgroup">
            <tr role="row">
              <th role="columnheader" scope="col">
                Line
              </th>
              <th role="columnheader" scope="col">
                Column
              </th>
              <th role="columnheader" scope="col">
                Problem
              </th>
            </tr>
          </thead>
          <tbody role="rowgroup">
            {problems.map(({ line, column, message }, index) => (
              <tr key={index} role="row">
                <td role="cell" data-title="Line">
                  {line}
                </td>
                <td role="cell" data-title="Column">
                  <code>{column}</code>
                </td>
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
