// docs/conformance.md: which tests cover which clause, code and operation, generated from the test titles.
import { OPERATIONS } from '../../src/api/operations.ts';
import { reasons, subjects } from '../../src/rsp/status-codes.ts';
import { citationsOf, codesOf, compareClauses, OWN } from './citations.ts';
import { CLAUSES, PARTLY } from './sgp22.ts';
import { readResults, renderResults } from './suite/results.ts';
import type { Clause } from './sgp22.ts';
import { citedClauses, thrownPairs } from './source.ts';
import { readTitles, type TestTitle } from './titles.ts';

const tests = readTitles().map((test) => {
  const text = test.titles.join(' | ');
  return { ...test, text, citations: citationsOf(text), codes: codesOf(`${text} | ${test.table}`) };
});
type Test = (typeof tests)[number];
const cited = citedClauses();
const isOf =
  (standard: string, number: string) => (citation: { standard: string; clause: string }) =>
    citation.standard === standard && citation.clause === number;

/** The tests whose titles name the clause itself, not a subclause. */
export const testsOfClause = (standard: string, number: string): Test[] =>
  tests.filter(({ citations }) => citations.some(isOf(standard, number)));

export const testsOfPair = (pair: string): Test[] =>
  tests.filter(({ codes }) => codes.includes(pair));

/** Matches the name of the operation, or its method and path, in a title. */
export const testsOfOperation = (operationId: string): Test[] => {
  const named = new RegExp(`\\b${operationId}\\b`);
  return tests.filter(({ text }) => named.test(text));
};

export function filesOfClause(standard: string, number: string): string[] {
  return [...new Set(cited.filter(isOf(standard, number)).map(({ file }) => file))];
}

/** The clause numbers that the code or a title names. */
export function namedClauses(standard: string): string[] {
  const all = [...cited, ...tests.flatMap(({ citations }) => citations)];
  const numbers = new Set(all.filter((one) => one.standard === standard).map((one) => one.clause));
  return [...numbers].toSorted(compareClauses);
}

const isBelow = (parent: string) => (number: string) => number.startsWith(`${parent}.`);

export type Coverage = 'tests' | 'below' | 'none';

/** Whether test titles name the clause itself, or only subclauses. */
export function coverageOf({ clause }: Clause): Coverage {
  if (testsOfClause(OWN, clause).length > 0) return 'tests';
  const below = namedClauses(OWN).filter(isBelow(clause));
  return below.some((number) => testsOfClause(OWN, number).length > 0) ? 'below' : 'none';
}

export function renderPage(): string {
  return [
    INTRODUCTION,
    ...renderResults(readResults()),
    '## Codes of refusals\n',
    'Every pair of subject and reason codes (SGP.22 §5.2.6) that the code throws, and the tests whose titles name it.\n',
    ...pairs(),
    '## Operations of the API\n',
    ...operations(),
    '## Clauses of SGP.22\n',
    ...overview(),
    '### What is not implemented\n',
    ...CLAUSES.filter(({ missing }) => missing !== undefined).map(
      ({ clause, name, missing }) => `- **§${clause}** ${name}: ${missing}.`,
    ),
    '\nIn part:\n',
    ...PARTLY.map((line) => `- ${line}`),
    '\n## Clauses of other standards\n',
    'Those that the code names, and the tests whose titles name them. –: no title does, although other tests may cover the clause.\n',
    ...others(),
    '## The tests of each clause of SGP.22\n',
    ...CLAUSES.flatMap(section),
  ].join('\n');
}

const INTRODUCTION = `# Conformance: which tests cover what

Generated from the test titles by \`npm run docs:clauses\`; a test fails if it is out of date. \`npm run docs:clauses -- §5.6.3\` or
\`-- 8.2.7/3.8\` prints the tests of one clause or code. A title says what is tested, not how well: read the test.
What a title fills in from a table is \`…\`.

Where the standard is silent, or Simwright does otherwise: [divergences.md](divergences.md). The certification of an SM-DP+
(SGP.23, SAS-SM) is something else, and has not been sought; the section on a foreign suite is the nearest to it.
`;

function pairs(): string[] {
  const rows = [...thrownPairs().keys()].toSorted(comparePairs).map((pair) => {
    const [subject, reason] = pair.split('/') as [keyof typeof subjects, keyof typeof reasons];
    return [`\`${pair}\``, `${subjects[subject]}: ${reasons[reason]}`, inWords(testsOfPair(pair))];
  });
  return table(['code', 'meaning', 'tests'], rows);
}

function comparePairs(one: string, other: string): number {
  const [left, right] = [one.split('/'), other.split('/')];
  return compareClauses(left[0]!, right[0]!) || compareClauses(left[1]!, right[1]!);
}

function operations(): string[] {
  const rows = OPERATIONS.map(({ operationId, method, path }) => [
    `\`${operationId}\``,
    `\`${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}\``,
    filesOf(testsOfOperation(operationId)).join('<br>') || 'none',
  ]);
  return table(['operation', '', 'tests'], rows);
}

function overview(): string[] {
  const rows = CLAUSES.map((one) => {
    const { clause, name, missing } = one;
    if (missing !== undefined) return [`§${clause}`, name, 'not implemented'];
    const words = {
      tests: `[tests](#${anchorOf(one)})`,
      below: 'those of its subclauses',
      none: '**none**',
    };
    return [`§${clause}`, name, words[coverageOf(one)]];
  });
  return table(['clause', 'subject', 'tests'], rows);
}

function others(): string[] {
  const standards = new Set(cited.map(({ standard }) => standard).filter((one) => one !== OWN));
  const rows = [...standards].toSorted().flatMap((standard) =>
    namedClauses(standard)
      .filter((number) => filesOfClause(standard, number).length > 0)
      .map((number) => [
        `${standard} §${number}`,
        filesOfClause(standard, number).map(code).join('<br>'),
        filesOf(testsOfClause(standard, number)).join('<br>') || '–',
      ]),
  );
  return table(['clause', 'in src/', 'tests'], rows);
}

function section(one: Clause): string[] {
  const { clause, name, missing } = one;
  const found = testsOfClause(OWN, clause);
  if (missing !== undefined || found.length === 0) return [];
  const files = filesOfClause(OWN, clause).map(code).join(', ');
  return [
    `### §${clause} ${name}\n`,
    ...(files === '' ? [] : [`In ${files}.\n`]),
    ...Map.groupBy(found, ({ file }) => file)
      .entries()
      .flatMap(([file, ofFile]) => [`- ${code(file)}`, ...ofFile.map(lineOf)]),
    '',
  ];
}

const anchorOf = ({ clause, name }: Clause) =>
  `${clause} ${name}`
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');

const code = (text: string) => `\`${text}\``;
const lineOf = ({ titles }: TestTitle) => `  - ${escape(titles.join(': '))}`;
const escape = (text: string) => text.replaceAll(/([\\`*_{}[\]<>#|])/g, '\\$1');
const filesOf = (found: readonly Test[]) => [...new Set(found.map(({ file }) => code(file)))];

/** The first few titles, and the number of the others. */
function inWords(found: readonly Test[]): string {
  const shown = found.slice(0, 3).map(({ titles }) => escape(titles.at(-1)!));
  const more = found.length - shown.length;
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('<br>') || '**none**';
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [row(heads), row(heads.map(() => '---')), ...rows.map(row), ''];
}
