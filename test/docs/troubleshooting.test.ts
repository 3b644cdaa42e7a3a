// docs/troubleshooting.md explains exactly the codes that the program can return.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { API_ERRORS } from '../../src/api/api-error.ts';
import { thrownPairs } from '../conformance/source.ts';
import { bppCommandIds, errorReasons } from '../../src/rsp/reasons.ts';

const ROOT = join(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8');
const manual = read('docs/troubleshooting.md');
const sources = globSync(['src/{es9plus,operator,smdp}/**/*.ts'], { cwd: ROOT });

/** The first cells of the table after a heading. */
function firstColumn(heading: string): string[] {
  const after = manual.split(`\n${heading}\n`)[1];
  assert.ok(after, `${heading} is a heading`);
  const table = /(?:^\|.*\n)+/m.exec(after.split('\n#')[0]!)?.[0];
  assert.ok(table, `a table follows ${heading}`);
  const [, , ...rows] = table.trimEnd().split('\n');
  return rows.map((row) => row.split('|')[1]!.trim().replaceAll('`', ''));
}

/** ES2+ and its functions, of the SM-DP+ and of the operator; the others refuse on ES9+. */
const isOfEs2Plus = (file: string) =>
  /^(es2plus|smdp\/orders|smdp\/operators|operator)\//.test(file);
const thrown = [...thrownPairs()];
/** Pairs with which a function is refused, as SUBJECT/REASON. */
const OF_ES2PLUS = thrown.flatMap(([pair, files]) => ([...files].some(isOfEs2Plus) ? pair : []));
const OF_ES9PLUS = thrown.flatMap(([pair, files]) => ([...files].every(isOfEs2Plus) ? [] : pair));

/** Documented before the operation that returns it exists; remove it then. */
const EXPECTED_SOON = ['406/20406'];

/** With which only operators are refused, whose requests come over the network. */
const ONLY_OPERATORS = [
  '1.1/1.1',
  '1.1/1.2',
  '1.2/4.2',
  '1.2/4.4',
  '1.3.1/2.1',
  '1.3.2/3.1',
  '1.6/2.2',
  '1.6/2.3',
  '8.1.1/2.1',
  '8.2.5/3.8',
  '8.2.5/3.9',
  '8.2.6/2.1',
];

const unique = (values: Iterable<string>) => [...new Set(values)].toSorted();

describe('docs/troubleshooting.md', () => {
  test('has exactly the subject and reason codes of ES9+', () => {
    assert.ok(OF_ES9PLUS.length > 20);
    assert.deepEqual(firstColumn('## What devices are told').toSorted(), unique(OF_ES9PLUS));
  });

  test('has exactly the codes with which an order can fail', () => {
    const codes = sources.flatMap((file) => {
      const text = read(file);
      return [
        ...Array.from(text.matchAll(/error_code: '([\d./]+)'/g), ([, code]) => code!),
        // What an order ends with that no device is told, such as what it has told itself by CancelSession.
        ...Array.from(
          text.matchAll(/subjectCode: '([\d.]+)',\s*reasonCode: '([\d.]+)'/g),
          ([, subject, reason]) => `${subject}/${reason}`,
        ),
      ];
    });
    assert.ok(codes.length > 6);
    // Refused downloads that also end the order.
    const ofDownloads = ['8.2.7/6.4', '8.8.5/4.10', '8.8.5/6.4'];
    for (const code of ofDownloads) assert.ok(OF_ES9PLUS.includes(code), code);
    // ES2+'s code for an empty stock is reported as 83500.
    const ofOrders = OF_ES2PLUS.filter(
      (pair) => pair !== '8.2.5/3.7' && !ONLY_OPERATORS.includes(pair),
    );
    assert.deepEqual(
      firstColumn('## What an order failed with')
        .filter((code) => code !== 'COMMAND/REASON')
        .toSorted(),
      unique([...codes, ...ofDownloads, ...ofOrders]),
    );
  });

  test('leaves to docs/operators.md what only operators are told', () => {
    const page = read('docs/operators.md');
    const untold = OF_ES2PLUS.filter((pair) => !page.includes(`\`${pair}\``));
    assert.deepEqual(untold, []);
    for (const pair of ONLY_OPERATORS) assert.ok(OF_ES2PLUS.includes(pair), pair);
  });

  test('has every number that an eUICC can report', () => {
    const rows = (table: Record<string, number>) =>
      Object.entries(table).map(([name, value]) => `${value} ${name}`);
    assert.deepEqual(firstColumn('### Command'), rows(bppCommandIds));
    assert.deepEqual(firstColumn('### Reason'), rows(errorReasons));
  });

  test('has exactly the codes that the API can return', () => {
    const api = globSync('src/api/*.ts', { cwd: ROOT }).map(read).join('\n');
    const codes = Object.entries(API_ERRORS)
      .filter(([kind]) => api.includes(`'${kind}'`))
      .map(([, [status, code]]) => `${status}/${code}`);
    assert.ok(codes.length > 10);
    assert.deepEqual(
      firstColumn('## What the API answers').toSorted(),
      unique([...codes, ...EXPECTED_SOON]),
    );
  });
});
