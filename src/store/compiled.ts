// Compiles the queries of hot paths to SQL once; only their values change.
import type { Compilable, CompiledQuery, Kysely, QueryResult, RawBuilder } from 'kysely';
import type { Tables } from './schema.ts';

/** Placeholder for a value while the query is built. */
class StandIn {
  readonly index: number;

  constructor(index: number) {
    this.index = index;
  }
}

/** By database kind, then by name. */
const compiled = new Map<unknown, Map<string, CompiledQuery>>();

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
  return runWith(db, `${name} ${names.join()}`, Object.values(given), (standIns) =>
    build(Object.fromEntries(names.map((key, index) => [key, standIns[index]])) as Given),
  );
}

/** Queries for more rows are not kept, since the same number seldom recurs. */
export const FEW_ROWS = 64;

/**
 * Inserts rows with the same columns, in any order.
 * @param returning expression to return
 * @returns its value for each row
 */
export async function insertRows<Table extends keyof Tables, Returned = never>(
  db: Kysely<Tables>,
  table: Table,
  rows: readonly Tables[Table][],
  returning?: RawBuilder<Returned>,
): Promise<Returned[]> {
  const query = (values: readonly unknown[]) => {
    const insert = db.insertInto(table).values(values as never);
    return returning === undefined ? insert : insert.returning(returning.as('returned'));
  };
  const returnedBy = (result: QueryResult<unknown>) =>
    (result.rows as { returned: Returned }[]).map(({ returned }) => returned);
  if (rows.length > FEW_ROWS) return returnedBy(await db.executeQuery(query(rows)));
  const columns = Object.keys(rows[0]!) as (keyof Tables[Table] & string)[];
  const values = rows.flatMap((row) => columns.map((column): unknown => row[column]));
  const result = await runWith(
    db,
    `${table} ${rows.length} ${columns.join()}`,
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

async function runWith<Row>(
  db: Kysely<Tables>,
  name: string,
  values: readonly unknown[],
  build: (standIns: StandIn[]) => Compilable<Row>,
): Promise<QueryResult<Row>> {
  const query = queryOf(db, name, () => build(values.map((_value, index) => new StandIn(index))));
  const parameters = query.parameters.map((parameter) =>
    parameter instanceof StandIn ? values[parameter.index] : parameter,
  );
  return db.executeQuery<Row>({ ...(query as CompiledQuery<Row>), parameters });
}

function queryOf(db: Kysely<Tables>, name: string, build: () => Compilable): CompiledQuery {
  const kind = db.getExecutor().adapter.constructor;
  const queries = compiled.get(kind) ?? new Map<string, CompiledQuery>();
  compiled.set(kind, queries);
  const known = queries.get(name) ?? build().compile();
  queries.set(name, known);
  return known;
}
