// From where the CRLs of the CAs are fetched that we trust, and when next. They are a few rows.
import type { Kysely } from 'kysely';
import { constant } from './flavor.ts';
import type { CrlPointRow, Tables } from './schema.ts';

/** Which point. */
export type CrlPointKey = Pick<CrlPointRow, 'issuer' | 'url'>;

export class CrlPoints {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  async list(): Promise<CrlPointRow[]> {
    return this.#db
      .selectFrom('crl_points')
      .selectAll()
      .orderBy('kind')
      .orderBy('issuer')
      .orderBy('url')
      .execute();
  }

  /** @returns false if it is there already; it is left unchanged */
  async insert(row: CrlPointRow): Promise<boolean> {
    const inserted = await this.#db
      .insertInto('crl_points')
      .values(row)
      .onConflict((conflict) => conflict.columns(['issuer', 'url']).doNothing())
      .returning('url')
      .executeTakeFirst();
    return inserted !== undefined;
  }

  async delete({ issuer, url }: CrlPointKey): Promise<void> {
    await this.#db
      .deleteFrom('crl_points')
      .where('issuer', '=', issuer)
      .where('url', '=', url)
      .execute();
  }

  /** The one that has been due longest, and that nobody is fetching. */
  async nextDue(now: string): Promise<CrlPointKey | undefined> {
    return this.#db
      .selectFrom('crl_points')
      .select(['issuer', 'url'])
      .where('next_fetch_at', '<=', now)
      .where((c) => c.or([c('locked_until', 'is', null), c('locked_until', '<=', now)]))
      .orderBy('next_fetch_at')
      .orderBy('issuer')
      .orderBy('url')
      .limit(constant(1))
      .executeTakeFirst();
  }

  /** Claims one. @returns undefined if somebody else is fetching it, or it is gone */
  async claim(
    { issuer, url }: CrlPointKey,
    now: string,
    lockedUntil: string,
  ): Promise<CrlPointRow | undefined> {
    return this.#db
      .updateTable('crl_points')
      .set({ locked_until: lockedUntil })
      .where('issuer', '=', issuer)
      .where('url', '=', url)
      .where((c) => c.or([c('locked_until', 'is', null), c('locked_until', '<=', now)]))
      .returningAll()
      .executeTakeFirst();
  }

  /** Ends a claim, if it is still that one. */
  async settle(
    { issuer, url, locked_until }: CrlPointKey & Pick<CrlPointRow, 'locked_until'>,
    changed: Partial<Omit<CrlPointRow, 'issuer' | 'url' | 'locked_until'>>,
  ): Promise<void> {
    await this.#db
      .updateTable('crl_points')
      .set({ ...changed, locked_until: null })
      .where('issuer', '=', issuer)
      .where('url', '=', url)
      .where('locked_until', '=', locked_until)
      .execute();
  }
}
