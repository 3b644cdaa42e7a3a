// Which eUICC a profile was bound to, with the one-time keys of the binding.
import type { Kysely } from 'kysely';
import type { ProfileBindingRow, Tables } from './schema.ts';

export class ProfileBindings {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  async find(accountSid: string, iccid: string): Promise<ProfileBindingRow | undefined> {
    return this.#db
      .selectFrom('profile_bindings')
      .selectAll()
      .where('account_sid', '=', accountSid)
      .where('iccid', '=', iccid)
      .executeTakeFirst();
  }

  /** Replaces what is there. */
  async put(row: ProfileBindingRow): Promise<void> {
    const { account_sid: _accountSid, iccid: _iccid, ...columns } = row;
    await this.#db
      .insertInto('profile_bindings')
      .values(row)
      .onConflict((conflict) => conflict.columns(['account_sid', 'iccid']).doUpdateSet(columns))
      .execute();
  }

  async delete(accountSid: string, iccid: string): Promise<void> {
    await this.#db
      .deleteFrom('profile_bindings')
      .where('account_sid', '=', accountSid)
      .where('iccid', '=', iccid)
      .execute();
  }
}
