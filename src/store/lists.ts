// Lists of values in statements.
import { sql } from 'kysely';
import type { RawBuilder, Sql } from 'kysely';

export type Value = string | number | null;

/**
 * How a database takes a list. `expanded`: each value is a parameter. `whole`: the list is one parameter, so a statement
 * is the same for any number of values, and is prepared once.
 */
export type Lists = {
  /** The condition that a column has one of the values. The text differs for a list of one. */
  among(column: ReturnType<Sql['ref']>, values: readonly string[]): RawBuilder<boolean>;
  /** The condition that `account_sid` is one of the accounts and a column has one of the values. */
  ofAccounts(
    accountSids: readonly string[],
    column: ReturnType<Sql['ref']>,
    values: readonly string[],
  ): RawBuilder<boolean>;
} & (
  | {
      kind: 'expanded';
      /** Rows as a table `given` with the columns column1, column2, … */
      rows(rows: readonly (readonly Value[])[]): RawBuilder<unknown>;
    }
  /** For rows, see `givenRows`. */
  | { kind: 'whole' }
);

const isIn: Lists['among'] = (column, values) => sql`${column} in (${sql.join(values)})`;

export const expandedLists: Lists = {
  kind: 'expanded',
  among: isIn,
  ofAccounts: (accountSids, column, values) =>
    sql`(${isIn(sql.ref('account_sid'), accountSids)} and ${isIn(column, values)})`,
  rows(rows) {
    const each = rows.map((row) => sql`(${sql.join(row)})`);
    return sql`(values ${sql.join(each)}) as given`;
  },
};

/** For PostgreSQL: as an array, and as JSON, whose columns are all text. */
export const wholeLists: Lists = {
  kind: 'whole',
  // As an array, one value would be planned anew at every call.
  among: (column, values) =>
    isOne(values) ? sql`${column} = ${values[0]}` : sql`${column} = any(${values})`,
  // With a constant account that is not in its statistics, PostgreSQL would read all rows of the account. So it is one that is
  // selected, or of a table of pairs.
  ofAccounts: (accountSids, column, values) =>
    isOne(accountSids) && isOne(values)
      ? sql`(account_sid = (select ${accountSids[0]}::text) and ${column} = ${values[0]})`
      : sql`(account_sid, ${column}) in (select account, value
          from unnest(${whole(accountSids)}::text[]) as account, unnest(${whole(values)}::text[]) as value)`,
};

const isOne = (values: readonly string[]) => Array.isArray(values) && values.length === 1;

/** A list of one is a parameter without an array around it, as `runWithLists` has it. */
const whole = (values: readonly string[]) =>
  isOne(values) ? sql`array[${values[0]}]` : sql`${values}`;

/** @param rows the parameter that `rowsParameter` makes */
export function givenRows(columns: number, rows: unknown): RawBuilder<unknown> {
  const typed = Array.from(
    { length: columns },
    (_column, index) => sql`${sql.ref(columnName(index))} text`,
  );
  return sql`json_to_recordset(${rows}::json) as given(${sql.join(typed)})`;
}

export function rowsParameter(rows: readonly (readonly Value[])[]): string {
  const names = rows[0]!.map((_value, index) => columnName(index));
  const objects = rows.map((row): Record<string, Value> => {
    const entries = row.map((value, index) => [names[index]!, wellFormed(value)] as const);
    return Object.fromEntries(entries);
  });
  return JSON.stringify(objects);
}

/** Column `index` of `given`, as the type of a value. */
export function givenColumn(index: number, value: Value): RawBuilder<unknown> {
  const column = sql.ref(`given.${columnName(index)}`);
  return typeof value === 'number' ? sql`cast(${column} as integer)` : column;
}

const columnName = (index: number) => `column${index + 1}`;

/** A lone surrogate is replaced, as in any other parameter; JSON would keep it, and PostgreSQL refuse it. */
const wellFormed = (value: Value) => (typeof value === 'string' ? value.toWellFormed() : value);
