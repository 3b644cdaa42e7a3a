// How the install pages of accounts look. Apart from the accounts, which every write reads.
import type { Kysely } from 'kysely';
import type { BrandRow, Tables } from './schema.ts';

export class Brands {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  async find(accountSid: string): Promise<BrandRow | undefined> {
    return this.#db
      .selectFrom('brands')
      .selectAll()
      .where('account_sid', '=', accountSid)
      .executeTakeFirst();
  }

  /** Sets the given columns; those of a new row that are not given are null. */
  async set(
    accountSid: string,
    changes: Partial<Omit<BrandRow, 'account_sid' | 'date_updated'>>,
    date: string,
  ): Promise<BrandRow> {
    const none = {
      name: null,
      accent_color: null,
      support_text: null,
      support_url: null,
      logo: null,
      logo_type: null,
    };
    return this.#db
      .insertInto('brands')
      .values({ ...none, ...changes, account_sid: accountSid, date_updated: date })
      .onConflict((conflict) =>
        conflict.column('account_sid').doUpdateSet({ ...changes, date_updated: date }),
      )
      .returningAll()
      .executeTakeFirstOrThrow();
  }
}
