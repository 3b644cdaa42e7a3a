// What belongs to the rows of a slice, found by index.
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { Tables } from '../store/schema.ts';

/** Values of one query: few enough for any database. */
const AT_ONCE = 1_000;

/** Rows by the account and the value that they were asked for by. */
export class Related<Row> {
  readonly #rows = new Map<string, Row[]>();

  add(accountSid: string, value: string, row: Row): void {
    const key = `${accountSid} ${value}`;
    const known = this.#rows.get(key);
    if (known === undefined) this.#rows.set(key, [row]);
    else known.push(row);
  }

  all({ account_sid }: { account_sid: string | null }, value: string | null): readonly Row[] {
    return this.#rows.get(`${account_sid} ${value}`) ?? [];
  }

  values(): readonly Row[] {
    return [...this.#rows.values()].flat();
  }

  one(owner: { account_sid: string | null }, value: string | null): Row | undefined {
    return this.all(owner, value)[0];
  }
}

/**
 * Rows of a tenant's table whose `by`, which an index has behind the account, is one of the values asked for.
 * @param asked null values find nothing
 * @param where which rows; without it, all
 */
export async function findRelated<
  Table extends keyof Tables,
  Column extends keyof Tables[Table] & string,
>(
  db: Kysely<Tables>,
  table: Table,
  by: keyof Tables[Table] & string,
  asked: readonly { account_sid: string | null; value: string | null }[],
  columns: readonly Column[],
  where = sql`1 = 1`,
): Promise<Related<Pick<Tables[Table], Column>>> {
  type Row = Pick<Tables[Table], Column>;
  const related = new Related<Row>();
  const accounts = Map.groupBy(asked, ({ account_sid }) => account_sid);
  const wanted = sql.join([...new Set([...columns, by])].map((column) => sql.ref(column)));
  for (const [accountSid, values] of accounts) {
    if (accountSid === null) continue;
    const all = [...new Set(values.flatMap(({ value }) => value ?? []))];
    for (let start = 0; start < all.length; start += AT_ONCE) {
      const { rows } = await sql<Row & Record<string, unknown>>`
        select ${wanted} from ${sql.table(table)}
        where account_sid = ${accountSid}
          and ${sql.ref(by)} in (${sql.join(all.slice(start, start + AT_ONCE))}) and ${where}`.execute(
        db,
      );
      for (const row of rows) related.add(accountSid, row[by] as string, row);
    }
  }
  return related;
}

/** What is asked for: a column of each row. */
export function valuesOf<Row extends { account_sid: string | null }>(
  rows: readonly Row[],
  valueOf: (row: Row) => string | null,
) {
  return rows.map((row) => ({ account_sid: row.account_sid, value: valueOf(row) }));
}
