import { useEffect, useState } from 'preact/hooks';
import type { BatchFile } from './batch-order.ts';
import type { BatchRows } from './batch-csv.ts';
import '../styles/figures.css';

/** A file with a line for each profile, chosen or dropped. */
export function BatchFileField({
  file,
  onChoose,
  problem,
}: {
  file: BatchFile | undefined;
  onChoose: (file: BatchFile) => void;
  problem: string | undefined;
}) {
  const [isOver, setOver] = useState(false);
  async function take(files: FileList | null | undefined): Promise<void> {
    const chosen = files?.[0];
    if (chosen === undefined) return;
    onChoose({ name: chosen.name, content: new Blob([await chosen.arrayBuffer()]) });
  }
  return (
    <div
      class="drop field"
      data-over={isOver}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        void take(event.dataTransfer?.files);
      }}
    >
      <label for="batch-file">CSV file: choose it, or drop it here</label>
      <input
        id="batch-file"
        type="file"
        accept=".csv,.tsv,.txt,text/csv,text/plain"
        aria-invalid={problem !== undefined}
        aria-describedby={problem === undefined ? undefined : 'batch-file-problem'}
        onChange={({ currentTarget }) => {
          void take(currentTarget.files);
          // The same file can be chosen again, once it is mended.
          currentTarget.value = '';
        }}
      />
      {file !== undefined && <p class="muted">Chosen: {file.name}</p>}
      {problem !== undefined && (
        <p class="field-problem" id="batch-file-problem">
          {problem}
        </p>
      )}
    </div>
  );
}

/** Undefined until it is read, or if it cannot be. */
export function useBatchRows(file: BatchFile | undefined): BatchRows | undefined {
  const [rows, setRows] = useState<BatchRows>();
  useEffect(() => {
    setRows(undefined);
    if (file === undefined) return undefined;
    let isWanted = true;
    Promise.all([import('./batch-csv.ts'), file.content.text()]).then(
      ([{ readBatchCsv }, text]) => isWanted && setRows(readBatchCsv(text)),
      // The server says what is wrong with it.
      () => {},
    );
    return () => {
      isWanted = false;
    };
  }, [file]);
  return rows;
}

export function FirstRows({ rows: { names, first, count } }: { rows: BatchRows }) {
  const title = `The first ${first.length} of ${count.toLocaleString()} lines`;
  return (
    <div class="first-rows">
      <p class="muted">{count > first.length ? title : `${count} lines`}</p>
      <div class="figures" tabIndex={0} role="region" aria-label="The first lines of the file">
        <table>
          <thead>
            <tr>
              <th scope="col">Item</th>
              {names.map((name, column) => (
                <th key={column} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {first.map((cells, at) => (
              <tr key={at}>
                <th scope="row">{at + 1}</th>
                {names.map((_, column) => (
                  <td key={column}>{cells[column]}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}
