// `npm run docs:clauses`: rewrites docs/conformance.md or, given clauses or codes, prints their tests.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { citationsOf, codesOf } from './citations.ts';
import { renderPage, testsOfClause, testsOfPair } from './page.ts';

const given = process.argv.slice(2).join(' ');
if (given === '')
  writeFileSync(join(import.meta.dirname, '../../docs/conformance.md'), renderPage());
else {
  const asked = /§|\//.test(given) ? given : `§${given}`;
  const found = [
    ...citationsOf(asked).flatMap(({ standard, clause }) => testsOfClause(standard, clause)),
    ...codesOf(asked).flatMap(testsOfPair),
  ];
  for (const { file, titles } of new Set(found)) console.log(`${file}: ${titles.join(': ')}`);
  if (found.length === 0) console.log(`No test title names ${given}`);
}
