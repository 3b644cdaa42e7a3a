// Finds eSIM Profiles by the beginning or end of an identifier.
import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { SearchTerm } from '../operator/esim-profile-search.ts';
import { constant, endingOf } from './flavor.ts';
import type { Flavor } from './flavor.ts';
import { within } from './pages.ts';
import type { Bounds, Filter, Page, Position } from './pages.ts';
import type { Tables } from './schema.ts';

/** The first text after all those that begin with this one, in the order of their characters in UTF-8. */
function after(text: string): string {
  const characters = Array.from(text);
  for (let last = characters.pop(); last !== undefined; last = characters.pop()) {
    const next = last.codePointAt(0)! + 1;
    // Surrogates are no characters, and nothing comes after the last one.
    if (next <= 0x10_ffff)
      return characters.join('') + String.fromCodePoint(next === 0xd800 ? 0xe000 : next);
  }
  return '\u{10FFFF}';
}

/** What an eSIM Profile must have. */
export interface EsimProfileConditions {
  columns: Filter;
  /** All of these pairs. */
  metadata?: Readonly<Record<string, string>> | undefined;
  /** The beginning of its friendly name, ignoring case. */
  namePrefix?: string | undefined;
}

interface Candidates {
  limit(count: number): { execute(): Promise<{ sid: string | null; value: string | null }[]> };
}

export class EsimProfileSearch {
  readonly #db: Kysely<Tables>;
  readonly #flavor: Flavor;

  constructor(db: Kysely<Tables>, flavor: Flavor) {
    this.#db = db;
    this.#flavor = flavor;
  }

  /** @returns SIDs matched by any of the terms; undefined if `limit` or more rows would have to be read */
  async find(
    accountSid: string,
    terms: readonly SearchTerm[],
    limit: number,
  ): Promise<string[] | undefined> {
    const found = new Set<string>();
    for (const term of terms) {
      const rows = await this.#candidates(accountSid, term).limit(limit).execute();
      if (rows.length === limit) return undefined;
      const { begins = '', ends = '' } = term;
      for (const { sid, value } of rows) {
        if (sid !== null && value?.startsWith(begins) && value.endsWith(ends)) found.add(sid);
      }
    }
    return found.size < limit ? [...found] : undefined;
  }

  /** Rows found by an index on the beginning or the end; of the end it holds only ENDING_LENGTH characters. */
  #candidates(accountSid: string, { column, begins, ends }: SearchTerm): Candidates {
    if (ends !== undefined && column === 'eid') return this.#byEndOfEid(accountSid, ends);
    if (ends !== undefined && column === 'iccid') return this.#byEndOfIccid(accountSid, ends);
    const indexed = column === 'friendly_name' ? 'friendly_name_folded' : column;
    return this.#db
      .selectFrom('esim_profiles')
      .select(['sid', `${indexed} as value`])
      .where('account_sid', '=', accountSid)
      .where(indexed, '>=', begins!)
      .where(indexed, '<', after(begins!));
  }

  #byEndOfEid(accountSid: string, ends: string) {
    const { indexed, from, to } = this.#end('eid', ends);
    return (
      this.#db
        .selectFrom('esim_profiles')
        .select(['sid', 'eid as value'])
        .where('account_sid', '=', accountSid)
        .where(indexed, '>=', from)
        .where(indexed, '<', to)
        // The condition of the partial index, which the planner cannot derive from the expression.
        .where('eid', 'is not', null)
    );
  }

  /** Searches the stock; `sid` is null for subscriptions without an order. */
  #byEndOfIccid(accountSid: string, ends: string) {
    const { indexed, from, to } = this.#end('s.iccid', ends);
    return this.#db
      .selectFrom('subscriptions as s')
      .leftJoin('esim_profiles as e', (on) =>
        on.onRef('e.account_sid', '=', 's.account_sid').onRef('e.iccid', '=', 's.iccid'),
      )
      .select(['e.sid', 's.iccid as value'])
      .where('s.account_sid', '=', accountSid)
      .where(indexed, '>=', from)
      .where(indexed, '<', to);
  }

  #end(column: string, ends: string) {
    const from = endingOf(ends);
    const indexed = sql<string>`(${sql.raw(this.#flavor.ending(column))})`;
    return { indexed, from, to: after(from) };
  }

  /** A page of the list, restricted to these SIDs. */
  async page(
    accountSid: string,
    sids: readonly string[],
    conditions: EsimProfileConditions,
    position: Position,
    size: number,
    bounds: Bounds = {},
  ): Promise<Page<{ sid: string; resource: string }>> {
    if (sids.length === 0) return { rows: [], more: false };
    const rows = await this.#among(accountSid, sids, conditions, position, bounds)
      .select(['sid', 'resource'])
      .limit(size + 1)
      .execute();
    const more = rows.length > size;
    if (more) rows.pop();
    if (position.kind === 'newer') rows.reverse();
    return { rows, more };
  }

  /** How many have a friendly name that begins so, up to a limit; from an index only. */
  async countNamed(
    accountSid: string,
    namePrefix: string,
    limit: number,
    { above, below }: Bounds,
  ): Promise<{ count: number; more: boolean }> {
    let named = this.#db
      .selectFrom('esim_profiles')
      .select(sql<number>`1`.as('one'))
      .where('account_sid', '=', accountSid)
      .where('friendly_name_folded', '>=', namePrefix)
      .where('friendly_name_folded', '<', after(namePrefix));
    if (above !== undefined) named = named.where('sid', '>', above);
    if (below !== undefined) named = named.where('sid', '<', below);
    const { count } = await this.#db
      .selectFrom(named.limit(constant(limit + 1)).as('some'))
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    return { count: Math.min(count, limit), more: count > limit };
  }

  /** Those of these SIDs that are in the list, newest first. */
  async sids(
    accountSid: string,
    sids: readonly string[],
    conditions: EsimProfileConditions,
    position: Position,
    limit: number,
  ): Promise<{ sid: string }[]> {
    if (sids.length === 0) return [];
    const found = this.#among(accountSid, sids, conditions, position, {});
    return found.select('sid').limit(limit).execute();
  }

  #among(
    accountSid: string,
    sids: readonly string[],
    { columns, metadata = {}, namePrefix }: EsimProfileConditions,
    position: Position,
    bounds: Bounds,
  ) {
    const { above, below } = within(bounds, position);
    let query = this.#db
      .selectFrom('esim_profiles')
      .where(this.#flavor.lists.ofAccounts([accountSid], sql.ref('sid'), sids))
      .orderBy('sid', position.kind === 'newer' ? 'asc' : 'desc');
    for (const [column, value] of Object.entries(columns)) {
      if (value === undefined) continue;
      const values = typeof value === 'string' ? [value] : value;
      // Untyped is safe: the columns come from our code, never from a client.
      query = query.where(column as never, 'in', values as never);
    }
    for (const [name, value] of Object.entries(metadata)) {
      query = query.where((row) =>
        row.exists(
          row
            .selectFrom('esim_profile_metadata as m')
            .select('m.sid')
            .where('m.account_sid', '=', accountSid)
            .where('m.name', '=', name)
            .where('m.value', '=', value)
            .whereRef('m.sid', '=', 'esim_profiles.sid'),
        ),
      );
    }
    if (namePrefix !== undefined) {
      query = query
        .where('friendly_name_folded', '>=', namePrefix)
        .where('friendly_name_folded', '<', after(namePrefix));
    }
    if (above !== undefined) query = query.where('sid', '>', above);
    if (below !== undefined) query = query.where('sid', '<', below);
    return query;
  }
}
