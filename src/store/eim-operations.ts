// Operations on eUICCs, and the packages that were sent for them. Whoever writes has locked the eUICC.
import type { Kysely } from 'kysely';
import { run } from './compiled.ts';
import type { Flavor } from './flavor.ts';
import { constant } from './flavor.ts';
import type { BulkKey } from './bulk-operations.ts';
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

  /** How many have not ended, of each of these eUICCs that has one. */
  async countUnderWay(eids: readonly string[]): Promise<Map<string, number>> {
    const rows = await this.#db
      .selectFrom('eim_operations')
      .select(({ fn }) => ['eid', fn.countAll<number>().as('count')])
      .where('eid', 'in', eids)
      .where('date_ended', 'is', null)
      .groupBy('eid')
      .execute();
    return new Map(rows.map(({ eid, count }) => [eid, count]));
  }

  /** How many of a bulk operation there are of each kind and status; from an index only. */
  async countOfBulk({
    account_sid,
    sid,
  }: BulkKey): Promise<(Pick<EimOperationRow, 'kind' | 'status'> & { count: number })[]> {
    return this.#ofBulk({ account_sid, sid })
      .select(({ fn }) => ['kind', 'status', fn.countAll<number>().as('count')])
      .groupBy(['kind', 'status'])
      .execute();
  }

  /** Some of a bulk operation: those of a kind and a status, if they are given, oldest first. */
  async listOfBulk(
    key: BulkKey,
    { kind, status }: Partial<Pick<EimOperationRow, 'kind' | 'status'>>,
    limit: number,
  ): Promise<EimOperationRow[]> {
    let query = this.#ofBulk(key).selectAll();
    if (kind !== undefined) query = query.where('kind', '=', kind);
    if (status !== undefined) query = query.where('status', '=', status);
    return query.orderBy('sid').limit(constant(limit)).execute();
  }

  /** Those of a bulk operation on some eUICCs. */
  async ofBulkOn(key: BulkKey, eids: readonly string[]): Promise<EimOperationRow[]> {
    if (eids.length === 0) return [];
    return this.#ofBulk(key).selectAll().where('eid', 'in', eids).orderBy('sid').execute();
  }

  #ofBulk({ account_sid, sid }: BulkKey) {
    return this.#db
      .selectFrom('eim_operations')
      .where('account_sid', '=', account_sid)
      .where('bulk_sid', '=', sid);
  }

  /** Deletes up to `limit` of a bulk operation, with their packages. @returns how many */
  async deleteOfBulk(key: BulkKey, limit: number): Promise<number> {
    const old = await this.listOfBulk(key, {}, limit);
    await this.#deleteWithPackages(old);
    return old.length;
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

  /** The eUICC package of an eUICC whose result was taken last. */
  async lastResult(eid: string): Promise<EimPackageRow | undefined> {
    return this.#packages()
      .where('eid', '=', eid)
      .where('counter', 'is not', null)
      .where('response', 'is not', null)
      .where('state', '=', constant('resolved'))
      .limit(constant(1))
      .executeTakeFirst();
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
    const sent = this.#ofRspTransaction(transactionId);
    const eids = await this.#whereabouts.findEids(RSP_TRANSACTION, transactionId);
    if (eids === undefined) return sent.executeTakeFirst();
    // Random, so there is one at most.
    const [eid] = eids;
    return eid === undefined ? undefined : sent.where('eid', '=', eid).executeTakeFirst();
  }

  /**
   * Of a download that must have begun. A node of before decision 76 may have begun it, which does not write where it is: if
   * nothing says so, all servers are asked.
   */
  async packageOfBegun(transactionId: string): Promise<EimPackageRow | undefined> {
    const found = await this.packageByRspTransaction(transactionId);
    return found ?? this.#ofRspTransaction(transactionId).executeTakeFirst();
  }

  #ofRspTransaction(transactionId: string) {
    return this.#packages().where('rsp_transaction_id', '=', transactionId).limit(constant(1));
  }

  /** Whether a download from an SM-DP+ has begun, and not ended. */
  async isOpenAt(smdpAddress: string): Promise<boolean> {
    const found = await this.#db
      .selectFrom('eim_packages')
      .select('number')
      .where('smdp_address', '=', smdpAddress.toLowerCase())
      .where('state', '=', constant('open'))
      .limit(constant(1))
      .executeTakeFirst();
    return found !== undefined;
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

  /** Deletes up to `limit` that ended before `date` and are of no bulk operation, with their packages. @returns how many */
  async deleteEndedBefore(date: string, limit: number): Promise<number> {
    const old = await this.#db
      .selectFrom('eim_operations')
      .select(['eid', 'sid'])
      .where('date_ended', 'is not', null)
      .where('date_ended', '<', date)
      .where('bulk_sid', 'is', null)
      .limit(constant(limit))
      .execute();
    await this.#deleteWithPackages(old);
    return old.length;
  }

  async #deleteWithPackages(rows: readonly Pick<EimOperationRow, 'eid' | 'sid'>[]): Promise<void> {
    for (const { eid, sid } of rows) {
      await this.#deletePackages(eid, sid);
      await this.#db
        .deleteFrom('eim_operations')
        .where('eid', '=', eid)
        .where('sid', '=', sid)
        .execute();
    }
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
