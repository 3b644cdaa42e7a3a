// Batches the requests of concurrent callers into one statement.
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { run, runWithLists } from './compiled.ts';
import type { Flavor } from './flavor.ts';
import type { Tables } from './schema.ts';
import { joinLine } from './waiting-line.ts';

/** Defers work briefly. */
export type Soon = (work: () => void) => void;

/**
 * @param ask gets the items of all calls made before `soon` fires, in order; starts when the previous run has ended
 * @returns requests one item; if `ask` fails, all its callers fail. Rejects with `StoreBusy` if too many are waiting
 */
export function together<Item, Result>(
  ask: (items: Item[]) => Promise<(Result | Promise<Result>)[]>,
  soon: Soon = setImmediate,
): (item: Item) => Promise<Result> {
  let waiting: { item: Item; settle: PromiseWithResolvers<Result> }[] = [];
  let last: Promise<void> = Promise.resolve();

  async function flush(before: Promise<void>): Promise<void> {
    await before;
    const calls = waiting;
    waiting = [];
    try {
      const results = await ask(calls.map(({ item }) => item));
      calls.forEach(({ settle }, index) => settle.resolve(results[index]!));
    } catch (error) {
      for (const { settle } of calls) settle.reject(error);
    }
  }

  return (item) => {
    const settle = Promise.withResolvers<Result>();
    try {
      joinLine(waiting.length);
    } catch (error) {
      settle.reject(error);
      return settle.promise;
    }
    // Deferred, so callers woken by input that has already arrived can join.
    if (waiting.length === 0) {
      soon(() => {
        last = flush(last);
      });
    }
    waiting.push({ item, settle });
    return settle.promise;
  };
}

/**
 * As `together`, for rows that are written, if the database takes lists whole. Otherwise each is written by itself: a statement
 * for one row is prepared once, one for several nearly every time.
 */
export function writtenTogether<Item>(
  write: (items: Item[]) => Promise<void[]>,
  { lists }: Pick<Flavor, 'lists'>,
  soon: Soon,
): (item: Item) => Promise<void> {
  if (lists.kind === 'whole') return together(write, soon);
  return async (item) => void (await write([item]));
}

/** The results of all works, in order, once all have ended. Throws the error of the first in order that failed. */
export async function allEnded<const Results extends readonly unknown[]>(works: {
  [Index in keyof Results]: Promise<Results[Index]>;
}): Promise<Results> {
  try {
    return (await Promise.all(works)) as never;
  } catch {
    await Promise.allSettled(works);
    return Promise.all(works) as Promise<never>;
  }
}

/** @returns finds a row by SID; concurrent lookups are combined into one query */
export function finderBySid<Table extends 'accounts' | 'api_keys'>(
  db: Kysely<Tables>,
  flavor: Flavor,
  table: Table,
  soon: Soon,
): (sid: string) => Promise<Tables[Table] | undefined> {
  return together(async (asked: string[]) => {
    const given = { sids: [...new Set(asked)] };
    const { rows } = await runWithLists(db, flavor, `${table} by sid`, given, ({ sids }) =>
      db
        .selectFrom(table as 'accounts')
        .selectAll()
        .where(flavor.lists.among(sql.ref('sid'), sids)),
    );
    const found = new Map(rows.map((row) => [row.sid, row as Tables[Table]]));
    return asked.map((sid) => found.get(sid));
  }, soon);
}

/** @returns finds the row of an account by a unique column */
export function finder<Table extends 'sims' | 'subscriptions'>(
  db: Kysely<Tables>,
  flavor: Flavor,
  table: Table,
  column: keyof Tables[Table] & string,
  soon: Soon,
): (accountSid: string, value: string) => Promise<Tables[Table] | undefined> {
  const read = flavor.lists.kind === 'whole' ? readByPairs : readByLists;
  const find = together(async (asked: Sought[]) => {
    const rows = (await read(db, flavor, table, column, asked)) as Tables[Table][];
    const found = new Map(rows.map((row) => [`${row.account_sid} ${String(row[column])}`, row]));
    return asked.map(({ accountSid, value }) => found.get(`${accountSid} ${value}`));
  }, soon);
  return (accountSid, value) => find({ accountSid, value });
}

interface Sought {
  accountSid: string;
  value: string;
}

// Untyped is safe: table and columns come from our code, never from a client.

async function readByLists(
  db: Kysely<Tables>,
  flavor: Flavor,
  table: string,
  column: string,
  asked: readonly Sought[],
): Promise<unknown[]> {
  const given = {
    accountSids: [...new Set(asked.map(({ accountSid }) => accountSid))],
    values: [...new Set(asked.map(({ value }) => value))],
  };
  const { rows } = await runWithLists(
    db,
    flavor,
    `${table} by ${column}`,
    given,
    ({ accountSids, values }) =>
      db
        .selectFrom(table as 'sims')
        .selectAll()
        .where(flavor.lists.ofAccounts(accountSids, sql.ref(column), values)),
  );
  return rows;
}

/**
 * Row by row, each by both columns: of a list of values, PostgreSQL would read all rows of an account that its statistics do
 * not know yet.
 */
async function readByPairs(
  db: Kysely<Tables>,
  flavor: Flavor,
  table: string,
  column: string,
  asked: readonly Sought[],
): Promise<unknown[]> {
  if (asked.length === 1) return readByLists(db, flavor, table, column, asked);
  const given = {
    accountSids: asked.map(({ accountSid }) => accountSid),
    values: asked.map(({ value }) => value),
  };
  const { rows } = await run(
    db,
    `${table} by pairs of ${column}`,
    given,
    ({ accountSids, values }) => {
      const found = sql`select found.*
        from unnest(${accountSids}::text[], ${values}::text[]) as given (account_sid, value)
        inner join ${sql.table(table)} as found
          on found.account_sid = given.account_sid and found.${sql.ref(column)} = given.value`;
      return { compile: () => found.compile(db) };
    },
  );
  return rows;
}
