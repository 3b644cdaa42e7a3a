// What many callers ask for at the same time goes to the database in one statement.
import type { Kysely } from 'kysely';
import { FEW_ROWS, run } from './compiled.ts';
import type { Tables } from './schema.ts';

/** Puts work off for a little. */
export type Soon = (work: () => void) => void;

/**
 * @param ask gets the items of all calls that were made before `soon` has come, in their order;
 *   it begins when the run before it has ended
 * @returns asks for one item; a failure of `ask` is everybody's
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
    // Whatever has arrived already goes first: whoever it wakes up asks in time.
    if (waiting.length === 0) {
      soon(() => {
        last = flush(last);
      });
    }
    const settle = Promise.withResolvers<Result>();
    waiting.push({ item, settle });
    return settle.promise;
  };
}

/** The results of all, in their order, once the last has ended. Throws what the first that failed has thrown. */
export async function allEnded<Result>(works: Promise<Result>[]): Promise<Result[]> {
  await Promise.allSettled(works);
  return Promise.all(works);
}

/** @returns finds the row that has a SID; many who ask at the same time, for one row or for several, ask once */
export function finderBySid<Table extends 'accounts' | 'api_keys'>(
  db: Kysely<Tables>,
  table: Table,
  soon: Soon,
): (sid: string) => Promise<Tables[Table] | undefined> {
  return together(async (asked: string[]) => {
    const sids = [...new Set(asked)];
    const select = (values: string[]) =>
      db
        .selectFrom(table as 'accounts')
        .selectAll()
        .where('sid', 'in', values);
    const { rows } =
      sids.length > FEW_ROWS
        ? { rows: await select(sids).execute() }
        : await run(db, table, Object.fromEntries(sids.entries()), (values) =>
            select(Object.values(values)),
          );
    const found = new Map(rows.map((row) => [row.sid, row as Tables[Table]]));
    return asked.map((sid) => found.get(sid));
  }, soon);
}

/** @returns finds the row of an account that has a value in `column`; no two of its rows have the same */
export function finder<Table extends 'sims' | 'subscriptions'>(
  db: Kysely<Tables>,
  table: Table,
  column: keyof Tables[Table] & string,
  soon: Soon,
): (accountSid: string, value: string) => Promise<Tables[Table] | undefined> {
  const find = together(async (asked: { accountSid: string; value: string }[]) => {
    const accounts = [...new Set(asked.map(({ accountSid }) => accountSid))];
    const wanted = [...new Set(asked.map(({ value }) => value))];
    // The table and its columns are ours, never a client's, so the builder may take them untyped.
    const select = (accountSids: unknown[], those: unknown[]) =>
      db
        .selectFrom(table as 'sims')
        .selectAll()
        .where('account_sid', 'in', accountSids as string[])
        .where(column as 'sid', 'in', those as string[]);
    const values = [...accounts, ...wanted];
    const { rows } = (
      values.length > FEW_ROWS
        ? { rows: await select(accounts, wanted).execute() }
        : await run(
            db,
            `${table} by ${column}, of ${accounts.length} accounts`,
            Object.fromEntries(values.entries()),
            (given) => {
              const all = Object.values(given);
              return select(all.slice(0, accounts.length), all.slice(accounts.length));
            },
          )
    ) as { rows: Tables[Table][] };
    const found = new Map(rows.map((row) => [`${row.account_sid} ${String(row[column])}`, row]));
    return asked.map(({ accountSid, value }) => found.get(`${accountSid} ${value}`));
  }, soon);
  return (accountSid, value) => find({ accountSid, value });
}
