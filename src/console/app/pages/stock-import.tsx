import { useRef, useState } from 'preact/hooks';
import { announce } from '../announce.tsx';
import { withQuery } from '../api.ts';
import { FileProblems } from '../components/file-problems.tsx';
import { Problem } from '../components/problem.tsx';
import { toProblem } from '../http.ts';
import type { ApiProblem } from '../http.ts';
import type { StockImport } from '../types.ts';
import { upload } from '../upload.ts';
import type { Upload } from '../upload.ts';
import { StockMapping } from './stock-mapping.tsx';
import { useStockPreview } from './use-stock-preview.ts';

const MEBIBYTE = 1024 * 1024;
const LIMIT = 64 * MEBIBYTE;

/** One subscription with the keys of 3GPP TS 35.208, test set 1. */
const SAMPLE =
  'iccid,imsi,ki,opc,profile_type\n' +
  '8999901000000099999,999010000099999,465B5CE8B199B49FAA5F0A2EE238A6BC,CD63CB71954A9F4E48A5994E37A02BAF,default\n';

/** Imports subscriptions from a file, with a preview and an optional check beforehand. */
export function StockImportForm({ onImport }: { onImport: () => void }) {
  const [file, setFile] = useState<File>();
  const [progress, setProgress] = useState<number>();
  const [result, setResult] = useState<StockImport>();
  const [problem, setProblem] = useState<ApiProblem>();
  /** The fields that the user chose for columns, by column number. */
  const [chosen, setChosen] = useState<ReadonlyMap<number, string>>(new Map());
  const running = useRef<Upload<StockImport> | undefined>(undefined);
  const mapping = Array.from(chosen, ([column, field]) => `${column}=${field}`);
  const { preview, problem: unreadable } = useStockPreview(file, mapping);

  function choose(column: number, field: string): void {
    forgetOutcome();
    // Each field has one column, the last one chosen for it.
    const others = [...chosen].filter(([, other]) => other !== field || field === 'ignore');
    setChosen(new Map([...others, [column, field]]));
  }

  function forgetOutcome(): void {
    setResult(undefined);
    setProblem(undefined);
  }

  async function send(dryRun: boolean): Promise<void> {
    if (file === undefined) return;
    forgetOutcome();
    setProgress(0);
    const DryRun = dryRun ? 'true' : undefined;
    const path = withQuery('/v1/Stock/Imports', { DryRun, Map: mapping });
    running.current = upload(path, file, 'text/csv', setProgress);
    try {
      const outcome = await running.current.done;
      setResult(outcome);
      announce(inWords(outcome));
      if (!dryRun) onImport();
    } catch (error) {
      const found = toProblem(error);
      setProblem(found);
      announce(found.reason);
    }
    setProgress(undefined);
  }

  const isTooLarge = file !== undefined && file.size > LIMIT;
  const isBusy = progress !== undefined;
  return (
    <section class="card form import" aria-labelledby="import">
      <h2 id="import">Import from a file</h2>
      <p class="muted">
        CSV, or a table with semicolons, tabs or other delimiters, as card vendors and spreadsheets
        write it. ICCID, IMSI, Ki and one of OPc, OP and TOPc are required. You see how each column
        is read before anything is imported; then the whole file is imported, or nothing. The limits
        are 100,000 rows and 64 MiB; split larger files, or use{' '}
        <code>npx simwright stock import</code>.{' '}
        <a
          href={`data:text/csv;charset=utf-8,${encodeURIComponent(SAMPLE)}`}
          download="simwright-stock-sample.csv"
        >
          Download a sample
        </a>
      </p>
      <div class="field">
        <label for="stock-file">File</label>
        <input
          id="stock-file"
          type="file"
          accept=".csv,.tsv,.txt,text/csv,text/plain"
          disabled={isBusy}
          onChange={({ currentTarget }) => {
            setFile(currentTarget.files?.[0]);
            setChosen(new Map());
            forgetOutcome();
          }}
        />
        {isTooLarge && (
          <p class="field-problem">
            This file is {Math.ceil(file.size / MEBIBYTE)} MiB; the limit is 64 MiB.
          </p>
        )}
      </div>
      {unreadable !== undefined && <Problem problem={unreadable} />}
      {preview !== undefined && preview.columns.length > 0 && (
        <StockMapping preview={preview} disabled={isBusy} onChoose={choose} />
      )}
      {preview !== undefined &&
        preview.problems.length > 0 &&
        problem === undefined &&
        result === undefined && (
          <FileProblems
            problems={preview.problems}
            count={preview.problems.length}
            note=" in the first rows."
          />
        )}
      <div class="form-actions form-actions-start">
        <button
          type="button"
          class="button button-primary"
          disabled={file === undefined || isTooLarge || isBusy}
          onClick={() => void send(false)}
        >
          Import
        </button>
        <button
          type="button"
          class="button"
          disabled={file === undefined || isTooLarge || isBusy}
          onClick={() => void send(true)}
        >
          Check only
        </button>
        {isBusy && (
          <>
            <progress
              value={progress === 1 ? undefined : progress}
              aria-label={progress === 1 ? 'The file is being checked' : 'The file is being sent'}
            />
            <button type="button" class="button-quiet" onClick={() => running.current?.abort()}>
              Stop
            </button>
          </>
        )}
      </div>
      {result !== undefined && <p class="note">{inWords(result)}</p>}
      {problem !== undefined && problem.problems.length === 0 && <Problem problem={problem} />}
      {problem !== undefined && problem.problems.length > 0 && (
        <FileProblems
          problems={problem.problems}
          count={problem.problemCount}
          note="; nothing was imported."
        />
      )}
    </section>
  );
}

function inWords({
  imported,
  already_in_stock: known,
  dry_run: dryRun,
  ignored_columns: ignored,
}: StockImport): string {
  const done = dryRun
    ? `No problems found: an import would add ${countOf(imported)}`
    : `Imported ${countOf(imported)}`;
  const parts = [done];
  if (known > 0) parts.push(`${countOf(known)} already in stock`);
  if (ignored.length > 0) parts.push(`ignored: ${ignored.join(', ')}`);
  return `${parts.join('; ')}.`;
}

function countOf(number: number): string {
  return `${number.toLocaleString()} ${number === 1 ? 'subscription' : 'subscriptions'}`;
}
