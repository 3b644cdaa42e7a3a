import { useRef, useState } from 'preact/hooks';
import { announce } from '../announce.tsx';
import { withQuery } from '../api.ts';
import { Problem } from '../components/problem.tsx';
import { toProblem } from '../http.ts';
import type { ApiProblem } from '../http.ts';
import type { StockImport } from '../types.ts';
import { upload } from '../upload.ts';
import type { Upload } from '../upload.ts';

const MEBIBYTE = 1024 * 1024;
const LIMIT = 64 * MEBIBYTE;

/** One subscription with the keys of 3GPP TS 35.208, test set 1. */
const SAMPLE =
  'iccid,imsi,ki,opc,profile_type\n' +
  '8999901000000099999,999010000099999,465B5CE8B199B49FAA5F0A2EE238A6BC,CD63CB71954A9F4E48A5994E37A02BAF,default\n';

/** Brings subscriptions in from a CSV file: checked first, if that is asked for. */
export function StockImportForm({ onImport }: { onImport: () => void }) {
  const [file, setFile] = useState<File>();
  const [progress, setProgress] = useState<number>();
  const [result, setResult] = useState<StockImport>();
  const [problem, setProblem] = useState<ApiProblem>();
  const running = useRef<Upload<StockImport> | undefined>(undefined);

  async function send(dryRun: boolean): Promise<void> {
    if (file === undefined) return;
    setResult(undefined);
    setProblem(undefined);
    setProgress(0);
    const path = withQuery('/v1/Stock/Imports', { DryRun: dryRun ? 'true' : undefined });
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
      <h2 id="import">Import from CSV</h2>
      <p class="muted">
        The first row names the columns. Needed are iccid, imsi, ki, and opc, op or topc;
        profile_type, msisdn and others may be there. All of the file is imported, or nothing. At
        most 100,000 rows and 64 MiB are taken; split what is larger, or use{' '}
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
          accept=".csv,text/csv"
          disabled={isBusy}
          onChange={({ currentTarget }) => {
            setFile(currentTarget.files?.[0]);
            setResult(undefined);
            setProblem(undefined);
          }}
        />
        {isTooLarge && (
          <p class="field-problem">
            This file has {Math.ceil(file.size / MEBIBYTE)} MiB; at most 64 are taken.
          </p>
        )}
      </div>
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
      {problem !== undefined && problem.problems.length > 0 && <FileProblems problem={problem} />}
    </section>
  );
}

function inWords({ imported, already_in_stock: known, dry_run: dryRun }: StockImport): string {
  const done = dryRun
    ? `Nothing is wrong: an import would add ${countOf(imported)}`
    : `Imported ${countOf(imported)}`;
  return known === 0 ? `${done}.` : `${done}; ${countOf(known)} in stock already.`;
}

function countOf(number: number): string {
  return `${number.toLocaleString()} ${number === 1 ? 'subscription' : 'subscriptions'}`;
}

function FileProblems({ problem: { problems, problemCount } }: { problem: ApiProblem }) {
  return (
    <div class="file-problems">
      <p class="field-problem" role="alert">
        {problemCount === 1 ? '1 problem' : `${problemCount.toLocaleString()} problems`}; nothing
        was imported.
      </p>
      <div class="table-frame" tabIndex={0} role="region" aria-label="Problems of the file">
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
                What is wrong
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
                <td role="cell" data-title="What is wrong" class="wrap">
                  {message}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {problemCount > problems.length && (
        <p class="muted">and {(problemCount - problems.length).toLocaleString()} more</p>
      )}
    </div>
  );
}
