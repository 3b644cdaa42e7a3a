// Groups of eUICCs.
import type { Kysely } from 'kysely';
import { AlreadyExists } from './errors.ts';
import type { Flavor } from './flavor.ts';
import type { EuiccGroupRow, Tables } from './schema.ts';

export class EuiccGroups {
  readonly #db: Kysely<Tables>;
  readonly #flavor: Pick<Flavor, 'rowLocks'>;

  constructor(db: Kysely<Tables>, flavor: Pick<Flavor, 'rowLocks'>) {
    this.#db = db;
    this.#flavor = flavor;
  }

  /** Throws `AlreadyExists` if the account has a group of this name. */
  async insert(row: EuiccGroupRow): Promise<void> {
    const inserted = await this.#db
      .insertInto('euicc_groups')
      .values(row)
      .onConflict((conflict) => conflict.columns(['account_sid', 'name']).doNothing())
      .returning('sid')
      .executeTakeFirst();
    if (inserted === undefined) throw new AlreadyExists(`group ${row.name} exists`);
  }

  async find(accountSid: string, sid: string): Promise<EuiccGroupRow | undefined> {
    return this.#bySid(accountSid, sid).executeTakeFirst();
  }

  /** Until the end of the transaction, no eUICC is put into it by others, and nobody deletes it. */
  async lock(accountSid: string, sid: string): Promise<EuiccGroupRow | undefined> {
    const query = this.#bySid(accountSid, sid);
    return (this.#flavor.rowLocks ? query.forUpdate() : query).executeTakeFirst();
  }

  #bySid(accountSid: string, sid: string) {
    return this.#db
      .selectFrom('euicc_groups')
      .selectAll()
      .where('account_sid', '=', accountSid)
      .where('sid', '=', sid);
  }

  async findByName(accountSid: string, name: string): Promise<EuiccGroupRow | undefined> {
    return this.#db
      .selectFrom('euicc_groups')
      .selectAll()
      .where('account_sid', '=', accountSid)
      .where('name', '=', name)
      .executeTakeFirst();
  }

  async findMany(accountSid: string, sids: readonly string[]): Promise<EuiccGroupRow[]> {
    if (sids.length === 0) return [];
    return this.#db
      .selectFrom('euicc_groups')
      .selectAll()
      .where('account_sid', '=', accountSid)
      .where('sid', 'in', sids)
      .execute();
  }

  async rename(
    { account_sid, sid }: EuiccGroupRow,
    changed: Pick<EuiccGroupRow, 'name' | 'date_updated'>,
  ): Promise<void> {
    await this.#db
      .updateTable('euicc_groups')
      .set(changed)
      .where('account_sid', '=', account_sid)
      .where('sid', '=', sid)
      .execute();
  }

  async delete({ account_sid, sid }: EuiccGroupRow): Promise<void> {
    await this.#db
      .deleteFrom('euicc_groups')
      .where('account_sid', '=', account_sid)
      .where('sid', '=', sid)
      .execute();
  }

  /** How many eUICCs of groups of one account are in each state; from an index only. */
  async countStates(
    groups: readonly Pick<EuiccGroupRow, 'account_sid' | 'sid'>[],
  ): Promise<{ group_sid: string | null; state: string; count: number }[]> {
    const [first] = groups;
    if (first === undefined) return [];
    return this.#db
      .selectFrom('euiccs')
      .select(({ fn }) => ['group_sid', 'state', fn.countAll<number>().as('count')])
      .where('account_sid', '=', first.account_sid)
      .where(
        'group_sid',
        'in',
        groups.map(({ sid }) => sid),
      )
      .groupBy(['group_sid', 'state'])
      .execute();
  }
}
