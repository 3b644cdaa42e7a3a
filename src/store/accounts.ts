// Accounts and their API keys.
import type { Kysely } from 'kysely';
import { inTwoPhases } from './citus.ts';
import type { Flavor } from './flavor.ts';
import type { AccountRow, ApiKeyRow, Tables } from './schema.ts';
import type { Soon } from './together.ts';
import { finderBySid } from './together.ts';

const ACCOUNTS_AT_ONCE = 100;

/** The SIDs of accounts, in order. */
export async function* accountsAfter(
  db: Kysely<Tables>,
  after: string,
): AsyncGenerator<string, void> {
  for (let last: string | undefined = after; last !== undefined;) {
    const rows: { sid: string }[] = await db
      .selectFrom('accounts')
      .select('sid')
      .where('sid', '>', last)
      .orderBy('sid')
      .limit(ACCOUNTS_AT_ONCE)
      .execute();
    for (const { sid } of rows) yield sid;
    last = rows.length < ACCOUNTS_AT_ONCE ? undefined : rows.at(-1)!.sid;
  }
}

export class Accounts {
  readonly #db: Kysely<Tables>;
  readonly #flavor: Flavor;
  /** @returns undefined if there is no such account */
  readonly find: (sid: string) => Promise<AccountRow | undefined>;
  /** @returns undefined if there is no such key */
  readonly findKey: (sid: string) => Promise<ApiKeyRow | undefined>;

  /** @param soon defers a query until concurrent callers have added theirs */
  constructor(db: Kysely<Tables>, flavor: Flavor, soon: Soon) {
    this.#db = db;
    this.#flavor = flavor;
    // Needed by every write, to authenticate its caller.
    this.find = finderBySid(db, flavor, 'accounts', soon);
    this.findKey = finderBySid(db, flavor, 'api_keys', soon);
  }

  /** Before a change: the transaction may store an Idempotency-Key, too, which is not where accounts are. */
  async #change(): Promise<void> {
    if (this.#flavor.isSpread) await inTwoPhases(this.#db);
  }

  /** @returns false if an account with this SID exists; it is left unchanged */
  async insert(row: AccountRow): Promise<boolean> {
    await this.#change();
    const inserted = await this.#db
      .insertInto('accounts')
      .values(row)
      .onConflict((conflict) => conflict.column('sid').doNothing())
      .returning('sid')
      .executeTakeFirst();
    return inserted !== undefined;
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

  /** @returns false if there is no such account */
  async update(
    sid: string,
    changed: Partial<Omit<AccountRow, 'sid' | 'date_created'>>,
  ): Promise<boolean> {
    await this.#change();
    const { numUpdatedRows } = await this.#db
      .updateTable('accounts')
      .set(changed)
      .where('sid', '=', sid)
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  /** @returns false if another one may not begin yet; decided by one statement, on whichever node */
  async beginRehearsal(sid: string, now: string, until: string): Promise<boolean> {
    await this.#change();
    const { numUpdatedRows } = await this.#db
      .updateTable('accounts')
      .set({ rehearsal_until: until })
      .where('sid', '=', sid)
      .where((c) => c.or([c('rehearsal_until', 'is', null), c('rehearsal_until', '<=', now)]))
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  async insertKey(row: ApiKeyRow): Promise<void> {
    await this.#change();
    await this.#db.insertInto('api_keys').values(row).execute();
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

  /** @returns false if there is no such key, or it is already revoked */
  async revokeKey(accountSid: string, sid: string, date: string): Promise<boolean> {
    await this.#change();
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
