// Subscriptions that are held back since a backup was restored: what has become of them since is not known.
import type { Kysely } from 'kysely';
import { constant } from './flavor.ts';
import type { ProfileState, SubscriptionRow, Tables } from './schema.ts';

export class HeldSubscriptions {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  /** @param states in which they are held back; others have changed meanwhile @param state the one that they get */
  async hold(
    accountSid: string,
    iccids: readonly string[],
    states: readonly ProfileState[],
    { state, since }: { state?: ProfileState; since: string },
    dateUpdated: string,
  ): Promise<void> {
    if (iccids.length === 0) return;
    await this.#db
      .updateTable('subscriptions')
      .set({ held_since: since, date_updated: dateUpdated, ...(state && { state }) })
      .where('account_sid', '=', accountSid)
      .where('iccid', 'in', iccids)
      .where('state', 'in', states)
      .execute();
  }

  /** @returns how many were held back */
  async release(
    accountSid: string,
    iccids: readonly string[],
    dateUpdated: string,
  ): Promise<number> {
    const changes = { date_updated: dateUpdated };
    const ordered = await this.#endHold(accountSid, iccids, '<>', changes);
    const stocked = await this.#endHold(accountSid, iccids, '=', {
      ...changes,
      state: 'Available',
    });
    return ordered + stocked;
  }

  /** Leaves them `Unavailable`, for good. @returns how many were held back */
  async keep(accountSid: string, iccids: readonly string[], dateUpdated: string): Promise<number> {
    return this.#endHold(accountSid, iccids, '=', { date_updated: dateUpdated });
  }

  /** @param unavailable `=`: of the stock; `<>`: of orders */
  async #endHold(
    accountSid: string,
    iccids: readonly string[],
    unavailable: '=' | '<>',
    changes: Partial<SubscriptionRow>,
  ): Promise<number> {
    if (iccids.length === 0) return 0;
    const { numUpdatedRows } = await this.#db
      .updateTable('subscriptions')
      .set({ ...changes, held_since: null })
      .where('account_sid', '=', accountSid)
      .where('iccid', 'in', iccids)
      .where('held_since', 'is not', null)
      .where('state', unavailable, constant('Unavailable'))
      .executeTakeFirstOrThrow();
    return Number(numUpdatedRows);
  }

  /** What is held back, behind an ICCID, in ascending order. */
  async list(
    accountSid: string,
    after: string,
    limit: number,
  ): Promise<Pick<SubscriptionRow, 'iccid' | 'state' | 'ordered_by' | 'profile_type'>[]> {
    return this.#db
      .selectFrom('subscriptions')
      .select(['iccid', 'state', 'ordered_by', 'profile_type'])
      .where('account_sid', '=', accountSid)
      .where('held_since', 'is not', null)
      .where('iccid', '>', after)
      .orderBy('iccid')
      .limit(limit)
      .execute();
  }

  /** How many subscriptions of the stock, and how many orders, are held back. */
  async counts(): Promise<{ account_sid: string; state: ProfileState; count: number }[]> {
    return this.#db
      .selectFrom('subscriptions')
      .select(({ fn }) => ['account_sid', 'state', fn.countAll<number>().as('count')])
      .where('held_since', 'is not', null)
      .groupBy(['account_sid', 'state'])
      .orderBy('account_sid')
      .orderBy('state')
      .execute();
  }
}
