// Claims of work of all accounts. Where tables are spread, rows can be locked only on one server at a time, so the work is
// found first, without locks, and then locked: account by account, leaving out what others hold.
import type { SelectQueryBuilder } from 'kysely';
import type { Flavor } from './flavor.ts';
import type { Tables } from './schema.ts';
import { allEnded } from './together.ts';

interface Claiming<Key, Row> {
  limit: number;
  /** In order, behind one that was found before. */
  find: (after: Key | undefined, count: number) => Promise<Key[]>;
  /** Keys whose rows are locked by one statement are in the same place. */
  placeOf: (key: Key) => string;
  /** Those that are still to be done, and that nobody else holds. */
  lock: (keys: Key[]) => Promise<Row[]>;
}

/** @returns up to `limit` rows, locked by this transaction, in no order */
export async function claim<Key, Row>({
  limit,
  find,
  placeOf,
  lock,
}: Claiming<Key, Row>): Promise<Row[]> {
  const claimed: Row[] = [];
  for (let last: Key | undefined; claimed.length < limit;) {
    const count = limit - claimed.length;
    const found = await find(last, count);
    const places = [...Map.groupBy(found, placeOf).values()];
    claimed.push(...(await allEnded(places.map(lock))).flat());
    if (found.length < count) break;
    last = found.at(-1);
  }
  return claimed;
}

/** Rows that nobody else holds, locked by this transaction where databases lock rows. */
export const lockFree = <From extends keyof Tables, Row>(
  query: SelectQueryBuilder<Tables, From, Row>,
  { rowLocks }: Pick<Flavor, 'rowLocks'>,
): Promise<Row[]> => (rowLocks ? query.forUpdate().skipLocked() : query).execute();
