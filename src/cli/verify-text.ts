// What `simwright verify` has found, for people and for programs.
import type { Verdict } from '../verify/verify.ts';
import { print, printTable } from './output.ts';
import type { TableColumn } from './table.ts';

const COLUMNS: TableColumn<Verdict>[] = [
  { title: 'INVARIANT', value: ({ invariant }) => invariant.name },
  { title: 'ROWS', value: ({ examined }) => examined },
  {
    title: 'VIOLATIONS',
    value: ({ violations }) => violations,
    style: ({ violations }) => (violations === 0 ? 'green' : 'red'),
  },
];

export function printVerdicts(verdicts: Verdict[]): void {
  printTable(COLUMNS, verdicts, '');
  for (const verdict of verdicts) printViolations(verdict);
  for (const { invariant, unexamined } of verdicts) {
    for (const why of unexamined) print(`\n${invariant.name}: ${why}\n`);
  }
  const count = verdicts.reduce((sum, { violations }) => sum + violations, 0);
  print(
    `\n${count === 0 ? 'Nothing is violated.' : count === 1 ? '1 violation.' : `${count} violations.`}\n`,
  );
}

function printViolations({ invariant, violations, shown }: Verdict): void {
  if (violations === 0) return;
  print(`\n${invariant.name}: ${invariant.promise}\n`);
  for (const { accountSid, subject, problem } of shown) {
    const of = accountSid === null || accountSid === subject ? '' : ` of ${accountSid}`;
    print(`  ${withoutControls(`${subject}${of}: ${problem}`)}\n`);
  }
  const more = violations - shown.length;
  if (more > 0) print(`  and ${more} more\n`);
}

/** A damaged row may hold anything. */
function withoutControls(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '\u{FFFD}');
}

export function verdictRecord({ invariant, examined, violations, shown, unexamined }: Verdict) {
  return {
    name: invariant.name,
    promise: invariant.promise,
    rows: examined,
    violations,
    unexamined,
    found: shown.map(({ accountSid, subject, problem }) => ({
      account_sid: accountSid,
      subject,
      problem,
    })),
  };
}
