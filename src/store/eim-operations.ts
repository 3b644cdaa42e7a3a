// Operations on eUICCs, and the packages that were sent for them. Whoever writes has locked the eUICC.
import type { Kysely } from 'kysely';
import { run } from './compiled.ts';
import type { Flavor } from './flavor.ts';
import { constant } from './flavor.ts';
import type { EimOperationRow, EimPackageRow, Tables } from './schema.ts';
import { Whereabouts } from './whereabouts.ts';

const RSP_TRANSACTION = 'RSP transaction';

export class EimOperations {
  readonly #db: Kysely<Tables>;
  readonly #whereabouts: Whereabouts;

  constructor(db: Kysely<Tables>, flavor: Pick<Flavor, 'isSpread'>) {
    this.#db = db;
    this.#whereabouts = new Whereabouts(db, flavor);
  }

  async insert(row: EimOperationRow): Promise<void> {
    await this.#db.insertInto('eim_operations').values(row).execute();
  }

  async find(eid: string, sid: string): Promise<EimOperationRow | undefined> {
    return this.#db
      .selectFrom('eim_operations')
      .selectAll()
      .where('eid', '=', eid)
      .where('sid', '=', sid)
      .executeTakeFirst();
  }

  /** The one that an eUICC is to carry out now: it was sent, or is the oldest that waits. */
  async next(eid: string): Promise<EimOperationRow | undefined> {
    const { rows } = await run(this.#db, 'eimOperations.next', { eid }, (given) =>
      this.#db
        .selectFrom('eim_operations')
        .selectAll()
        .where('eid', '=', given.eid)
        .where('date_ended', 'is', null)
        .orderBy('status', 'desc')
        .orderBy('sid')
        .limit(constant(1)),
    );
    return rows[0];
  }

  /** Those that have not ended, oldest first. */
  async underWay(eid: string): Promise<EimOperationRow[]> {
    return this.#db
      .selectFrom('eim_operations')
      .selectAll()
      .where('eid', '=', eid)
      .where('date_ended', 'is', null)
      .orderBy('sid')
      .execute();
  }

  /** Those of an order, oldest first. */
  async ofOrder(eid: string, esimProfileSid: string): Promise<EimOperationRow[]> {
    return this.#db
      .selectFrom('eim_operations')
      .selectAll()
      .where('eid', '=', eid)
      .where('esim_profile_sid', '=', esimProfileSid)
      .orderBy('sid')
      .execute();
  }

  async update(
    { eid, sid }: Pick<EimOperationRow, 'eid' | 'sid'>,
    changed: Partial<Omit<EimOperationRow, 'eid' | 'sid' | 'account_sid' | 'date_created'>>,
  ): Promise<void> {
    await this.#db
      .updateTable('eim_operations')
      .set(changed)
      .where('eid', '=', eid)
      .where('sid', '=', sid)
      .execute();
  }

  async insertPackage(row: EimPackageRow): Promise<void> {
    await this.#db.insertInto('eim_packages').values(row).execute();
    await this.#addPlace(row, row);
  }

  /** The newest first. */
  async packagesOf(eid: string, operationSid: string): Promise<EimPackageRow[]> {
    return this.#packagesOf(eid, operationSid).execute();
  }

  async newestPackage(eid: string, operationSid: string): Promise<EimPackageRow | undefined> {
    return this.#packagesOf(eid, operationSid).limit(constant(1)).executeTakeFirst();
  }

  #packagesOf(eid: string, operationSid: string) {
    return this.#packages().where('eid', '=', eid).where('operation_sid', '=', operationSid);
  }

  /** The newest first. */
  #packages() {
    return this.#db.selectFrom('eim_packages').selectAll().orderBy('number', 'desc');
  }

  /**
   * By its eimTransactionId, which is random; the newest attempt of a download.
   * @param eid of its eUICC, where it is known: where tables are spread, its server alone is asked then
   */
  async packageByTransaction(
    transactionId: string,
    eid?: string,
  ): Promise<EimPackageRow | undefined> {
    const sent = this.#packages().where('transaction_id', '=', transactionId).limit(constant(1));
    return (eid === undefined ? sent : sent.where('eid', '=', eid)).executeTakeFirst();
  }

  async packageByCounter(eid: string, counter: number): Promise<EimPackageRow | undefined> {
    return this.#db
      .selectFrom('eim_packages')
      .selectAll()
      .where('eid', '=', eid)
      .where('counter', '=', counter)
      .executeTakeFirst();
  }

  /** The trigger of a download, by the TransactionID of the SM-DP+; the open one before one that is kept. */
  async packageByRspTransaction(transactionId: string): Promise<EimPackageRow | undefined> {
    const sent = this.#packages()
      .where('rsp_transaction_id', '=', transactionId)
      .limit(constant(1));
    const eids = await this.#whereabouts.findEids(RSP_TRANSACTION, transactionId);
    if (eids === undefined) return sent.executeTakeFirst();
    // Random, so there is one at most.
    const [eid] = eids;
    return eid === undefined ? undefined : sent.where('eid', '=', eid).executeTakeFirst();
  }

  async updatePackage(
    { eid, number, account_sid }: Pick<EimPackageRow, 'eid' | 'number' | 'account_sid'>,
    changed: Partial<Omit<EimPackageRow, 'eid' | 'number' | 'account_sid' | 'date_created'>>,
  ): Promise<void> {
    await this.#db
      .updateTable('eim_packages')
      .set(changed)
      .where('eid', '=', eid)
      .where('number', '=', number)
      .execute();
    await this.#addPlace({ eid, account_sid }, changed);
  }

  async #addPlace(
    { eid, account_sid }: Pick<EimPackageRow, 'eid' | 'account_sid'>,
    { rsp_transaction_id: value }: Partial<Pick<EimPackageRow, 'rsp_transaction_id'>>,
  ): Promise<void> {
    if (value === null || value === undefined) return;
    const place = {
      kind: RSP_TRANSACTION,
      value,
      holder: eid,
      account_sid,
      date_created: '',
    } as const;
    await this.#whereabouts.add([place]);
  }

  async #deletePackages(eid: string, operationSid?: string): Promise<void> {
    const packages = this.#db.deleteFrom('eim_packages').where('eid', '=', eid);
    const deleted = await (
      operationSid === undefined ? packages : packages.where('operation_sid', '=', operationSid)
    )
      .returning('rsp_transaction_id')
      .execute();
    for (const { rsp_transaction_id: id } of deleted) {
      if (id !== null) await this.#whereabouts.remove(RSP_TRANSACTION, id);
    }
  }

  /** All of an eUICC, with their packages. */
  async deleteAll(eid: string): Promise<void> {
    await this.#deletePackages(eid);
    await this.#db.deleteFrom('eim_operations').where('eid', '=', eid).execute();
  }

  /** Deletes up to `limit` that ended before `date`, with their packages. @returns how many */
  async deleteEndedBefore(date: string, limit: number): Promise<number> {
    const old = await this.#db
      .selectFrom('eim_operations')
      .select(['eid', 'sid'])
      .where('date_ended', 'is not', null)
      .where('date_ended', '<', date)
      .limit(constant(limit))
      .execute();
    for (const { eid, sid } of old) {
      await this.#deletePackages(eid, sid);
      await this.#db
        .deleteFrom('eim_operations')
        .where('eid', '=', eid)
        .where('sid', '=', sid)
        .execute();
    }
    return old.length;
  }

  /** Those that have, or had, an eUICC. */
  async markedAccounts(): Promise<string[]> {
    const rows = await this.#db.selectFrom('eim_marks').select('account_sid').execute();
    return rows.map(({ account_sid }) => account_sid);
  }

  /** SID of the last event of an account that was followed; undefined: it has never had an eUICC. */
  async mark(accountSid: string): Promise<string | undefined> {
    const row = await this.#db
      .selectFrom('eim_marks')
      .select('followed_to')
      .where('account_sid', '=', accountSid)
      .executeTakeFirst();
    return row?.followed_to;
  }

  async setMark(accountSid: string, followedTo: string): Promise<void> {
    await this.#db
      .insertInto('eim_marks')
      .values({ account_sid: accountSid, followed_to: followedTo })
      .onConflict((conflict) =>
        conflict.column('account_sid').doUpdateSet({ followed_to: followedTo }),
      )
      .execute();
  }
}
