// Accounts and their API keys.
import type { Kysely } from 'kysely';
import { run } from './compiled.ts';
import type { AccountRow, ApiKeyRow, Tables } from './schema.ts';

export class Accounts {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  /** @returns false when an account with this SID exists; it stays as it is */
  async insert(row: AccountRow): Promise<boolean> {
    const inserted = await this.#db
      .insertInto('accounts')
      .values(row)
      .onConflict((conflict) => conflict.column('sid').doNothing())
      .returning('sid')
      .executeTakeFirst();
    return inserted !== undefined;
  }

  async find(sid: string): Promise<AccountRow | undefined> {
    const { rows } = await run(this.#db, 'account', { sid }, (given) =>
      this.#db.selectFrom('accounts').selectAll().where('sid', '=', given.sid),
    );
    return rows[0];
  }

  /** Oldest first. */
  async list(): Promise<AccountRow[]> {
    return this.#db
      .selectFrom('accounts')
      .selectAll()
      .orderBy('date_created')
      .orderBy('sid')
      .execute();
  }

  /** @returns false when there is no such account */
  async setAuthToken(sid: string, authToken: string): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('accounts')
      .set({ auth_token: authToken })
      .where('sid', '=', sid)
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  async insertKey(row: ApiKeyRow): Promise<void> {
    await this.#db.insertInto('api_keys').values(row).execute();
  }

  async findKey(sid: string): Promise<ApiKeyRow | undefined> {
    const { rows } = await run(this.#db, 'API key', { sid }, (given) =>
      this.#db.selectFrom('api_keys').selectAll().where('sid', '=', given.sid),
    );
    return rows[0];
  }

  /** Oldest first. */
  async listKeys(accountSid: string): Promise<ApiKeyRow[]> {
    return this.#db
      .selectFrom('api_keys')
      .selectAll()
      .where('account_sid', '=', accountSid)
      .orderBy('date_created')
      .orderBy('sid')
      .execute();
  }

  /** @returns false when there is no such key, or it is revoked already */
  async revokeKey(accountSid: string, sid: string, date: string): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('api_keys')
      .set({ date_revoked: date })
      .where('account_sid', '=', accountSid)
      .where('sid', '=', sid)
      .where('date_revoked', 'is', null)
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }
}
