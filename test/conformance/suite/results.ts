// The verdicts of the last run of each case, which docs/conformance.md shows.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const VERDICTS = ['pass', 'inconc', 'fail', 'error', 'none', 'not run'] as const;
export type Verdict = (typeof VERDICTS)[number];

export interface Result {
  case: string;
  clause: string;
  test: string;
  verdict: Verdict;
  /** What the suite, or this runner, says of a verdict that is not `pass`. */
  reason?: string;
  /** Of Simwright. */
  version: string;
  /** YYYY-MM-DD */
  date: string;
}

/** Of a suite. */
export interface Results {
  suite: string;
  /** The commit of the suite, if it is a checkout. */
  revision: string;
  results: Result[];
}

const FILE = join(import.meta.dirname, '../suite-results.json');

export function readResults(): Results | undefined {
  try {
    return JSON.parse(readFileSync(FILE, 'utf8')) as Results;
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return undefined;
    throw error;
  }
}

export function writeResults(results: Results): void {
  writeFileSync(FILE, `${JSON.stringify(results, null, 2)}\n`);
}

/**
 * The results with those of a run: a case that was not run this time keeps its last verdict, with its version and date; one
 * that the suite no longer has is left out.
 */
export function merged(before: Results | undefined, run: Results): Results {
  const kept = new Map(before?.results.map((result) => [result.case, result]));
  const results = run.results.map((result) =>
    result.verdict === 'not run' ? (kept.get(result.case) ?? result) : result,
  );
  return { ...run, results };
}

/** The section of docs/conformance.md, as lines of Markdown. */
export function renderResults(found: Results | undefined): string[] {
  if (found === undefined) return [];
  const { suite, revision, results } = found;
  const count = (verdict: Verdict) => results.filter((result) => result.verdict === verdict).length;
  const counts = VERDICTS.filter((verdict) => count(verdict) > 0)
    .map((verdict) => `${count(verdict)} ${verdict}`)
    .join(', ');
  return [
    '## A foreign suite\n',
    `${suite} at ${revision}, which checks our chains, signatures and packages with code of its own. It is not part of Simwright:\n` +
      '`npm run conformance -- --help` explains how to run one that you have built. ' +
      `${results.length} cases: ${counts}.\n` +
      'Verdicts other than `pass`, and why: [divergences.md](divergences.md#the-suite-of-osmocom).\n',
    ...rows(results),
  ];
}

function rows(results: readonly Result[]): string[] {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    row(['case', 'SGP.22', 'SGP.23', 'verdict', 'version', 'date']),
    row(['---', '---', '---', '---', '---', '---']),
    ...results.map((result) =>
      row([
        `\`${result.case}\``,
        `§${result.clause}`,
        result.test,
        result.verdict,
        result.verdict === 'not run' ? '–' : result.version,
        result.verdict === 'not run' ? '–' : result.date,
      ]),
    ),
    '',
  ];
}
