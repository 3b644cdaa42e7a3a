// How many rows a list has, up to a limit: the cost does not depend on its length.
import { sql } from 'kysely';
import type { SelectQueryBuilder } from 'kysely';
import { constant } from './flavor.ts';
import type { Backend } from './flavor.ts';
import type { Bounds, Filter, Paged } from './pages.ts';
import type { Tables } from './schema.ts';

export type Counter = (
  filter: Filter,
  limit: number,
  bounds?: Bounds,
) => Promise<{ count: number; more: boolean }>;

/** Of lists as `pagesOf` reads them. */
export function counterOf({ reader }: Backend, table: Paged): Counter {
  // Untyped is safe: table and columns come from our code, never from a client.
  type Query = SelectQueryBuilder<Tables, Paged, { one: number }>;
  return async (filter, limit, { above, below } = {}) => {
    const given = Object.entries(filter).filter(([, value]) => value !== undefined);
    const several = given.find(([, value]) => typeof value !== 'string');
    const part = (alternative?: string): Query => {
      let query = reader.selectFrom(table).select(sql<number>`1`.as('one')) as Query;
      for (const [name, value] of given) {
        const one = typeof value === 'string' ? value : alternative;
        query = query.where(name as never, '=', one as never);
      }
      if (above !== undefined) query = query.where('sid', '>', above);
      if (below !== undefined) query = query.where('sid', '<', below);
      return query;
    };
    const [first, ...others] = ((several?.[1] ?? [undefined]) as (string | undefined)[]).map(part);
    const all = others.reduce((query, other) => query.unionAll(other), first!);
    const { count } = await reader
      .selectFrom(all.limit(constant(limit + 1)).as('some'))
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    return { count: Math.min(count, limit), more: count > limit };
  };
}
