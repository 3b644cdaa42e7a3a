// Updates many rows, each with its own values, in one statement that both databases support.
import { sql } from 'kysely';
import type { Kysely, RawBuilder } from 'kysely';
import { runWith, runWithRows } from './compiled.ts';
import type { Flavor } from './flavor.ts';
import { givenColumn } from './lists.ts';
import type { Value } from './lists.ts';
import type { Tables } from './schema.ts';
import { allEnded } from './together.ts';

type Values = Record<string, Value>;

export interface Change {
  /** Identifies the row: its key, and values that must still be current. */
  where: Values;
  set: Values;
}

/** @param changes all for the same columns. @returns how many rows were found */
export async function updateMany(
  db: Kysely<Tables>,
  flavor: Pick<Flavor, 'lists' | 'isSpread'>,
  table: keyof Tables,
  changes: Change[],
): Promise<number> {
  if (!flavor.isSpread) return updateSome(db, flavor, table, changes);
  const accounts = Map.groupBy(changes, ({ where }) => where['account_sid']).values();
  const found = await allEnded(Array.from(accounts, (some) => updateSome(db, flavor, table, some)));
  return found.reduce((sum, count) => sum + count, 0);
}

async function updateSome(
  db: Kysely<Tables>,
  { lists, isSpread }: Pick<Flavor, 'lists' | 'isSpread'>,
  table: keyof Tables,
  changes: Change[],
): Promise<number> {
  if (changes.length === 1) return updateOne(db, table, changes[0]!);
  const { where, set } = changes[0]!;
  const keys = Object.keys(where);
  const found = keys.map(
    (key, index) => sql`${sql.ref(`${table}.${key}`)} = ${givenColumn(index, where[key]!)}`,
  );
  // All are of one account, and so on one server.
  const one = isSpread ? [sql`${sql.ref(`${table}.account_sid`)} = ${where['account_sid']}`] : [];
  const assigned = Object.entries(set).map(
    ([column, value], index) =>
      sql`${sql.ref(column)} = ${givenColumn(keys.length + index, value)}`,
  );
  const rows = changes.map((change) => [
    ...Object.values(change.where),
    ...Object.values(change.set),
  ]);
  const build = (from: RawBuilder<unknown>) => sql`update ${sql.table(table)}
    set ${sql.join(assigned)} from ${from} where ${sql.join([...found, ...one], sql` and `)}`;
  const { numAffectedRows } =
    lists.kind === 'whole'
      ? await runWithRows(
          db,
          `update ${table} ${keys.length}`,
          [...keys, ...Object.keys(set)],
          [...Object.values(where), ...Object.values(set)],
          rows,
          build,
        )
      : await build(lists.rows(rows)).execute(db);
  return Number(numAffectedRows);
}

async function updateOne(
  db: Kysely<Tables>,
  table: keyof Tables,
  { where, set }: Change,
): Promise<number> {
  const keys = Object.keys(where);
  const columns = Object.keys(set);
  // A column may appear in both, with its old and its new value.
  const values = [...Object.values(where), ...Object.values(set)];
  const { numAffectedRows } = await runWith(
    db,
    `update ${table}`,
    [keys.length, ...keys, ...columns],
    values,
    (standIns) => {
      const [found, assigned] = [keys, columns].map((names, at) =>
        Object.fromEntries(names.map((name, index) => [name, standIns[at * keys.length + index]])),
      );
      // Untyped is safe: table and columns come from our code, never from a client.
      return db
        .updateTable(table as 'esim_profiles')
        .set(assigned as never)
        .where((row) => row.and(found as never));
    },
  );
  return Number(numAffectedRows);
}
