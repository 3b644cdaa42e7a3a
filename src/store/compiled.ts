// Compiles the queries of hot paths to SQL once; only their values change.
import { sql } from 'kysely';
import type { Compilable, CompiledQuery, Kysely, QueryResult, RawBuilder } from 'kysely';
import type { Flavor } from './flavor.ts';
import { givenColumn, givenRows, rowsParameter } from './lists.ts';
import type { Value } from './lists.ts';
import type { Tables } from './schema.ts';

/** Placeholder for a value while the query is built. */
class StandIn {
  readonly index: number;

  constructor(index: number) {
    this.index = index;
  }
}

/** A query that depends on the names of its parts: of parameters, columns, or how many values a list has. */
interface Compiled {
  parts: readonly (string | number)[];
  query: CompiledQuery;
  /** Whether its parameters are the first values, in their order. */
  isInOrder: boolean;
}

/** By database kind, then by name. */
const compiled = new Map<unknown, Map<string, Compiled[]>>();

/**
 * Runs the query that `build` makes from `given`.
 * @param name identifies the query: together with the names in `given`, it must determine what `build` makes
 */
export function run<Given extends Record<string, unknown>, Row>(
  db: Kysely<Tables>,
  name: string,
  given: Given,
  build: (given: Given) => Compilable<Row>,
): Promise<QueryResult<Row>> {
  const names = Object.keys(given);
  return runWith(db, name, names, Object.values(given), (standIns) =>
    build(Object.fromEntries(names.map((key, index) => [key, standIns[index]])) as Given),
  );
}

/** Expanded lists with more values are not kept, since the same number seldom recurs. */
const FEW_VALUES = 64;
/** https://sqlite.org/limits.html: SQLITE_MAX_VARIABLE_NUMBER is 32,766. */
const MOST_VALUES = 32_000;

/** Runs the query that `build` makes from lists, which `Lists.among` takes. @param name as for `run` */
export function runWithLists<Given extends Record<string, readonly string[]>, Row>(
  db: Kysely<Tables>,
  { lists }: Pick<Flavor, 'lists'>,
  name: string,
  given: Given,
  build: (given: Given) => Compilable<Row>,
): Promise<QueryResult<Row>> {
  const names = Object.keys(given);
  if (lists.kind === 'whole') {
    const kinds = names.flatMap((key) => [key, given[key]!.length === 1 ? 'one' : 'list']);
    const values = names.map((key) => (given[key]!.length === 1 ? given[key]![0] : given[key]));
    return runWith(db, name, kinds, values, (standIns) => {
      const standing = names.map((key, index): [string, unknown] => {
        const standIn = standIns[index];
        return [key, given[key]!.length === 1 ? [standIn] : standIn];
      });
      return build(Object.fromEntries(standing) as never);
    });
  }
  const values = Object.values(given).flat();
  if (values.length > FEW_VALUES) return db.executeQuery(build(given));
  const lengths = names.flatMap((key) => [key, given[key]!.length]);
  return runWith(db, name, lengths, values, (standIns) => {
    const left = [...standIns];
    return build(
      Object.fromEntries(names.map((key) => [key, left.splice(0, given[key]!.length)])) as never,
    );
  });
}

/**
 * Inserts rows with the same columns, in any order.
 * @param returning expression to return
 * @param unlessAlike unique columns: a row is left out if there is one with the same values
 * @returns its value for each row that is inserted
 */
export async function insertRows<Table extends keyof Tables, Returned = never>(
  db: Kysely<Tables>,
  { lists }: Pick<Flavor, 'lists'>,
  table: Table,
  rows: readonly Tables[Table][],
  returning?: RawBuilder<Returned>,
  unlessAlike: readonly (keyof Tables[Table] & string)[] = [],
): Promise<Returned[]> {
  const query = (values: readonly unknown[]) => {
    let insert = db.insertInto(table).values(values as never);
    if (unlessAlike.length > 0) {
      insert = insert.onConflict((conflict) => conflict.columns(unlessAlike).doNothing());
    }
    return returning === undefined ? insert : insert.returning(returning.as('returned'));
  };
  const returnedBy = (result: QueryResult<unknown>) =>
    (result.rows as { returned: Returned }[]).map(({ returned }) => returned);
  const columns = Object.keys(rows[0]!) as (keyof Tables[Table] & string)[];
  const name = `insert ${table}${returning === undefined ? '' : ' returning'} ${unlessAlike.join()}`;
  if (lists.kind === 'whole' && rows.length > 1) {
    const given = rows.map((row) => columns.map((column) => row[column] as Value));
    const likes = columns.map((_column, index) => typeAt(given, index));
    const result = await runWithRows(db, name, columns, likes, given, (from) => {
      const selected = likes.map((like, index) => givenColumn(index, like));
      const names = columns.map((column) => sql.ref(column));
      const unless =
        unlessAlike.length === 0
          ? sql``
          : sql` on conflict (${sql.join(unlessAlike.map((column) => sql.ref(column)))}) do nothing`;
      const returned = returning === undefined ? sql`` : sql` returning ${returning} as returned`;
      return sql`insert into ${sql.table(table)} (${sql.join(names)})
        select ${sql.join(selected)} from ${from}${unless}${returned}`;
    });
    return returnedBy(result);
  }
  if (rows.length > FEW_VALUES) {
    const returned: Returned[] = [];
    const atOnce = Math.floor(MOST_VALUES / columns.length);
    for (let at = 0; at < rows.length; at += atOnce) {
      returned.push(...returnedBy(await db.executeQuery(query(rows.slice(at, at + atOnce)))));
    }
    return returned;
  }
  const values = rows.flatMap((row) => columns.map((column): unknown => row[column]));
  const result = await runWith(
    db,
    name,
    [rows.length, ...columns],
    values,
    (standIns): Compilable => {
      const standing = rows.map((_row, at) =>
        Object.fromEntries(
          columns.map((column, index) => [column, standIns[at * columns.length + index]]),
        ),
      );
      return query(standing);
    },
  );
  return returnedBy(result);
}

/**
 * Runs the query that `build` makes of rows, on a database that takes them whole. Together with the columns and the types
 * of their values, `name` must determine what it makes.
 */
export function runWithRows(
  db: Kysely<Tables>,
  name: string,
  columns: readonly string[],
  likes: readonly Value[],
  rows: readonly (readonly Value[])[],
  build: (from: RawBuilder<unknown>) => RawBuilder<unknown>,
): Promise<QueryResult<unknown>> {
  const types = likes.map((like) => typeof like);
  return runWith(db, name, ['rows', ...columns, ...types], [rowsParameter(rows)], ([standIn]) => {
    const built = build(givenRows(columns.length, standIn));
    return { compile: () => built.compile(db) };
  });
}

/** A value of the column that is not null, if there is one. */
const typeAt = (rows: Value[][], index: number): Value =>
  rows.find((row) => row[index] !== null)?.[index] ?? null;

/** @param parts together with `name` they must determine what `build` makes */
export function runWith<Row>(
  db: Kysely<Tables>,
  name: string,
  parts: readonly (string | number)[],
  values: readonly unknown[],
  build: (standIns: StandIn[]) => Compilable<Row>,
): Promise<QueryResult<Row>> {
  const { query, isInOrder } = compiledOf(db, name, parts, () =>
    build(values.map((_value, index) => new StandIn(index))),
  );
  const parameters =
    isInOrder && query.parameters.length === values.length
      ? values
      : query.parameters.map((parameter) =>
          parameter instanceof StandIn ? values[parameter.index] : parameter,
        );
  return db.getExecutor().executeQuery({ ...(query as CompiledQuery<Row>), parameters });
}

function compiledOf(
  db: Kysely<Tables>,
  name: string,
  parts: readonly (string | number)[],
  build: () => Compilable,
): Compiled {
  const kind = db.getExecutor().adapter.constructor;
  let queries = compiled.get(kind);
  if (queries === undefined) compiled.set(kind, (queries = new Map<string, Compiled[]>()));
  let alike = queries.get(name);
  if (alike === undefined) queries.set(name, (alike = []));
  for (const one of alike) if (areSame(one.parts, parts)) return one;
  const query = build().compile();
  const isInOrder = query.parameters.every(
    (given, index) => given instanceof StandIn && given.index === index,
  );
  const one = { parts, query, isInOrder };
  alike.push(one);
  return one;
}

function areSame<Part>(one: readonly Part[], other: readonly Part[]): boolean {
  if (one.length !== other.length) return false;
  for (let index = 0; index < one.length; index += 1) {
    if (one[index] !== other[index]) return false;
  }
  return true;
}
