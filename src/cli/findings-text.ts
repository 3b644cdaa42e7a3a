// What checks have found, for people and for programs.
import type { Finding, Verdict } from '../smdp/check/finding.ts';
import { Option } from 'commander';
import type { Command } from 'commander';
import { jsonOption } from './options.ts';
import type { JsonOption } from './options.ts';
import { print, printJson } from './output.ts';
import { paint } from './paint.ts';
import type { Style } from './paint.ts';
import { reportError } from './report-error.ts';
import { EndWith } from './user-error.ts';

export interface FindingsOptions extends JsonOption {
  strict?: boolean;
  all?: boolean;
}

/** As `simwright verify`: 1 is a finding, so whatever keeps the command from looking is 2. */
const FOUND = 1;
const TROUBLE = 2;

/** The exit codes, for the help of such a command. */
export const EXIT_CODES =
  'Exit codes: 0 no fault; 1 a fault, with --strict also a warning; 2 it could not be checked, or invalid command line.';

/** The options of a command that prints findings. */
export const findingsOptions = (command: Command): Command =>
  command
    .addOption(new Option('--strict', 'warnings are faults, for the exit code'))
    .addOption(new Option('--all', 'also what is ok, with what was expected'))
    .addOption(jsonOption());

/** Prints what was found, and ends with the exit code that tells of it. */
export async function tellFindings(
  find: () => Promise<Finding[]>,
  options: FindingsOptions,
): Promise<void> {
  const findings = await find().catch((error: unknown) => {
    reportError(error);
    throw new EndWith(TROUBLE);
  });
  const counts = countsOf(findings);
  if (options.json === true) printJson({ ...counts, findings });
  else printFindings(findings, options.all === true);
  if (counts.faults > 0 || (options.strict === true && counts.warnings > 0)) {
    throw new EndWith(FOUND);
  }
}

function countsOf(findings: readonly Finding[]) {
  const count = (wanted: Verdict) => findings.filter(({ verdict }) => verdict === wanted).length;
  return { faults: count('fault'), warnings: count('warning'), ok: count('ok') };
}

const SHOWN: Readonly<Record<Verdict, [text: string, style: Style]>> = {
  fault: ['FAULT  ', 'red'],
  warning: ['warning', 'yellow'],
  ok: ['ok     ', 'green'],
};

function printFindings(findings: readonly Finding[], all: boolean): void {
  for (const [subject, ofSubject] of Map.groupBy(findings, (one) => one.subject)) {
    print(`${paint(withoutControls(subject), 'bold')}\n`);
    for (const finding of ofSubject) if (all || finding.verdict !== 'ok') printFinding(finding);
    const fine = ofSubject.filter(({ verdict }) => verdict === 'ok').map(({ check }) => check);
    if (!all && fine.length > 0) print(`  ${label('ok')}  ${[...new Set(fine)].join(', ')}\n`);
    print('\n');
  }
  const { faults, warnings, ok } = countsOf(findings);
  print(`${plural(faults, 'fault')}, ${plural(warnings, 'warning')}, ${ok} ok\n`);
}

const plural = (count: number, one: string) => `${count} ${one}${count === 1 ? '' : 's'}`;

function printFinding({ check, verdict, found, expected, advice }: Finding): void {
  const lines = [
    `${check}: ${found}`,
    `expected: ${expected}`,
    ...(advice === undefined ? [] : [`to do: ${advice}`]),
  ].map(withoutControls);
  print(`  ${label(verdict)}  ${lines.join(`\n${' '.repeat(11)}`)}\n`);
}

function label(verdict: Verdict): string {
  const [text, style] = SHOWN[verdict];
  return paint(text, style);
}

/** Names in certificates may hold anything. */
const withoutControls = (text: string) => text.replaceAll(/\p{Cc}/gu, '\u{FFFD}');
