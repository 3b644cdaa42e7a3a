// Many rows changed, each in its own way, by one statement that both databases know.
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { Tables } from './schema.ts';

/** Text alone: that is what PostgreSQL takes values for when nothing says their type. */
type Texts = Record<string, string | null>;

export interface Change {
  /** What finds the row: its key, and what it must still be. */
  where: Texts;
  set: Texts;
}

/** Both databases call the columns of `values` column1, column2, … */
const given = (index: number) => sql.ref(`given.column${index + 1}`);

/** @param changes of the same columns all. @returns how many rows were found */
export async function updateMany(
  db: Kysely<Tables>,
  table: keyof Tables,
  changes: Change[],
): Promise<number> {
  const { where, set } = changes[0]!;
  const keys = Object.keys(where);
  const found = keys.map((key, index) => sql`${sql.ref(`${table}.${key}`)} = ${given(index)}`);
  const assigned = Object.keys(set).map(
    (column, index) => sql`${sql.ref(column)} = ${given(keys.length + index)}`,
  );
  const rows = changes.map(
    (change) => sql`(${sql.join([...Object.values(change.where), ...Object.values(change.set)])})`,
  );
  const { numAffectedRows } = await sql`update ${sql.table(table)} set ${sql.join(assigned)}
    from (values ${sql.join(rows)}) as given
    where ${sql.join(found, sql` and `)}`.execute(db);
  return Number(numAffectedRows);
}
