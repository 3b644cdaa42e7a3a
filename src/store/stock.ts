// The stock, counted: subscriptions that can be ordered, by profile type, and the others beside them.
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { constant } from './flavor.ts';
import type { ProfileState, Tables } from './schema.ts';

export interface StockCount {
  profile_type: string;
  state: ProfileState;
  count: number;
}

/** Of a block of a million ICCIDs, those that are in stock. */
export interface BlockInStock {
  /** The ICCIDs without their last six digits and the check digit. */
  block: string;
  first: string;
  last: string;
  count: number;
}

export class Stock {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  /**
   * How many subscriptions are in stock, counted up to `limit`: the cost does not grow with the rest.
   * @param profileType null: of any type
   */
  async upTo(accountSid: string, profileType: string | null, limit: number): Promise<number> {
    let available = this.#db
      .selectFrom('subscriptions')
      .select('iccid')
      .where('account_sid', '=', accountSid)
      .where('state', '=', constant('Available'))
      .limit(limit);
    if (profileType !== null) available = available.where('profile_type', '=', profileType);
    const { count } = await this.#db
      .selectFrom(available.as('available'))
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    return count;
  }

  /** Counts by profile type and state, from indexes only, but scanning all of them. */
  async summary(accountSid: string): Promise<StockCount[]> {
    const inStock = await this.#db
      .selectFrom('subscriptions')
      .select(({ fn }) => ['profile_type', fn.countAll<number>().as('count')])
      .where('account_sid', '=', accountSid)
      .where('state', '=', constant('Available'))
      .groupBy('profile_type')
      .execute();
    const others = await this.#db
      .selectFrom('subscriptions')
      .select(({ fn }) => ['profile_type', 'state', fn.countAll<number>().as('count')])
      .where('account_sid', '=', accountSid)
      .where('state', '<>', constant('Available'))
      .groupBy(['profile_type', 'state'])
      .execute();
    const counts = [...inStock.map((row) => ({ ...row, state: 'Available' as const })), ...others];
    const key = ({ profile_type: type, state }: StockCount) => `${type}\0${state}`;
    return counts.toSorted((left, right) => (key(left) < key(right) ? -1 : 1));
  }

  /** The first profile type in stock after `after`, in alphabetical order. */
  async nextType(accountSid: string, after = ''): Promise<string | undefined> {
    const row = await this.#db
      .selectFrom('subscriptions')
      .select('profile_type')
      .where('account_sid', '=', accountSid)
      .where('state', '=', constant('Available'))
      .where('profile_type', '>', after)
      .orderBy('profile_type')
      .limit(constant(1))
      .executeTakeFirst();
    return row?.profile_type;
  }

  /** The next `limit` subscriptions of a type in stock after an ICCID, counted by block, in ascending order. */
  async blocks(
    accountSid: string,
    profileType: string,
    after: string,
    limit: number,
  ): Promise<BlockInStock[]> {
    const { rows } = await sql<BlockInStock>`
      select substr(iccid, 1, length(iccid) - 7) as block, min(iccid) as first, max(iccid) as last,
        count(*) as count
      from (
        select iccid from subscriptions
        where account_sid = ${accountSid} and state = ${constant('Available')}
          and profile_type = ${profileType} and iccid > ${after}
        order by iccid limit ${constant(limit)}
      ) as next
      group by substr(iccid, 1, length(iccid) - 7), length(iccid) order by min(iccid)`.execute(
      this.#db,
    );
    return rows;
  }

  /** Whether there is any subscription of a type, in stock or not. */
  async hasType(accountSid: string, profileType: string): Promise<boolean> {
    for (const comparison of ['=', '<>'] as const) {
      const row = await this.#db
        .selectFrom('subscriptions')
        .select('iccid')
        .where('account_sid', '=', accountSid)
        .where('state', comparison, constant('Available'))
        .where('profile_type', '=', profileType)
        .limit(constant(1))
        .executeTakeFirst();
      if (row !== undefined) return true;
    }
    return false;
  }

  /** Whether one is in stock whose IMSI begins with the codes of this network. It may look at all of them. */
  async hasOfNetwork(network: string): Promise<boolean> {
    const row = await this.#db
      .selectFrom('subscriptions')
      .select('iccid')
      .where('state', '=', constant('Available'))
      .where('imsi', 'like', `${network}%`)
      .limit(constant(1))
      .executeTakeFirst();
    return row !== undefined;
  }
}
