// How SQLite differs from the other databases in the statements that it is asked.
import { sql } from 'kysely';
import { ENDING_LENGTH } from './flavor.ts';
import type { Flavor, Statistics } from './flavor.ts';
import { expandedLists } from './lists.ts';

export const flavor: Flavor = {
  name: 'sqlite',
  text: 'text',
  bytes: 'blob',
  // SQLite joins bytes like text, unchanged.
  longer: (column, more) => sql`cast(${sql.ref(column)} || ${more} as blob)`,
  clustered: 'without rowid',
  // SQLite has no function to reverse a text.
  ending: (column) =>
    Array.from({ length: ENDING_LENGTH }, (_, at) => `substr(${column}, ${-1 - at}, 1)`).join(
      ' || ',
    ),
  eidsByEnd: true,
  statistics,
  mergesOrderedParts: false,
  lists: expandedLists,
  joinedLines: undefined,
  hasTable: (name) => sql`exists (select 1 from sqlite_schema where name = ${name})`,
  rowLocks: false,
  isSpread: false,
  time: undefined,
  oldestWriter: undefined,
  later: undefined,
  // SQLite answers synchronously, so all concurrent requests are made before the next tick.
  soon: (work) => process.nextTick(work),
};

/** SQLite collects statistics only on request, and plans by the primary key until then. */
function statistics(rows: Statistics): string[] {
  const values = Object.entries(rows).flatMap(([table, counted]) =>
    Object.entries(counted).map(
      ([index, counts]) => `('${table}', '${index}', '${counts.join(' ')}')`,
    ),
  );
  const indexes = Object.values(rows).flatMap((counts) => Object.keys(counts));
  return [
    // Creates the statistics table if there is none.
    'analyze sqlite_schema',
    `delete from sqlite_stat1 where idx in (${indexes.map((index) => `'${index}'`).join(', ')})`,
    `insert into sqlite_stat1 (tbl, idx, stat) values ${values.join(', ')}`,
    'analyze sqlite_schema',
  ];
}
