// Links to install pages.
import type { Kysely } from 'kysely';
import { constant } from './flavor.ts';
import type { Flavor } from './flavor.ts';
import type { EsimProfileRow, InstallLinkRow, Tables } from './schema.ts';
import { Whereabouts } from './whereabouts.ts';

export class InstallLinks {
  readonly #db: Kysely<Tables>;
  readonly #flavor: Flavor;
  readonly #whereabouts: Whereabouts;

  constructor(db: Kysely<Tables>, flavor: Flavor) {
    this.#db = db;
    this.#whereabouts = new Whereabouts(db, flavor);
    this.#flavor = flavor;
  }

  /** The profile of new links. Until the end of the transaction, nobody else can add one to it. */
  async lockProfile(accountSid: string, sid: string): Promise<EsimProfileRow | undefined> {
    const query = this.#db
      .selectFrom('esim_profiles')
      .selectAll()
      .where('account_sid', '=', accountSid)
      .where('sid', '=', sid);
    return (this.#flavor.rowLocks ? query.forUpdate() : query).executeTakeFirst();
  }

  async insert(row: InstallLinkRow): Promise<void> {
    await this.#db.insertInto('install_links').values(row).execute();
    const { account_sid, token_hash: value, date_created } = row;
    await this.#whereabouts.add([
      { kind: 'install link', value, holder: account_sid, account_sid, date_created },
    ]);
  }

  async find(
    accountSid: string,
    esimProfileSid: string,
    sid: string,
  ): Promise<InstallLinkRow | undefined> {
    return this.#db
      .selectFrom('install_links')
      .selectAll()
      .where('account_sid', '=', accountSid)
      .where('esim_profile_sid', '=', esimProfileSid)
      .where('sid', '=', sid)
      .executeTakeFirst();
  }

  /** Over all accounts, by the hash of its token; whether or not it can still be used. */
  async findByToken(tokenHash: string): Promise<InstallLinkRow | undefined> {
    const query = this.#db
      .selectFrom('install_links')
      .selectAll()
      .where('token_hash', '=', tokenHash);
    const accounts = await this.#whereabouts.find('install link', tokenHash);
    if (accounts === undefined) return query.executeTakeFirst();
    const [account] = accounts;
    if (account === undefined) return undefined;
    return query.where('account_sid', '=', account).executeTakeFirst();
  }

  /** Newest first. */
  async list(accountSid: string, esimProfileSid: string): Promise<InstallLinkRow[]> {
    return this.#db
      .selectFrom('install_links')
      .selectAll()
      .where('account_sid', '=', accountSid)
      .where('esim_profile_sid', '=', esimProfileSid)
      .orderBy('sid', 'desc')
      .execute();
  }

  /** @returns false if there is no such link, or it is already revoked */
  async revoke(
    { account_sid, esim_profile_sid, sid }: InstallLinkRow,
    date: string,
  ): Promise<boolean> {
    const { numUpdatedRows } = await this.#db
      .updateTable('install_links')
      .set({ date_revoked: date })
      .where('account_sid', '=', account_sid)
      .where('esim_profile_sid', '=', esim_profile_sid)
      .where('sid', '=', sid)
      .where('date_revoked', 'is', null)
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  async delete({
    account_sid,
    esim_profile_sid,
    sid,
    token_hash,
  }: Pick<
    InstallLinkRow,
    'account_sid' | 'esim_profile_sid' | 'sid' | 'token_hash'
  >): Promise<void> {
    await this.#db
      .deleteFrom('install_links')
      .where('account_sid', '=', account_sid)
      .where('esim_profile_sid', '=', esim_profile_sid)
      .where('sid', '=', sid)
      .execute();
    await this.#whereabouts.remove('install link', token_hash);
  }

  /** Deletes up to `limit` links that expired before `date`. @returns how many */
  async deleteExpiredBefore(date: string, limit: number): Promise<number> {
    const old = await this.#db
      .selectFrom('install_links')
      .select(['account_sid', 'esim_profile_sid', 'sid', 'token_hash'])
      .where('date_expires', '<', date)
      .limit(constant(limit))
      .execute();
    for (const link of old) await this.delete(link);
    return old.length;
  }
}
