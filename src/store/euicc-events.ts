// What happens to eUICCs, and to operations on them. Rows are only ever added, and deleted when they are old.
import type { Kysely } from 'kysely';
import { EventLog } from './event-log.ts';
import type { EventRange } from './esim-profile-events.ts';
import { constant } from './flavor.ts';
import type { Flavor } from './flavor.ts';
import type { EimOperationRow, EuiccEventRow, EuiccRow, Tables } from './schema.ts';
import type { Soon } from './together.ts';

/** An event, with its eUICC and its operation as they are now, if they are still there. */
export type ToldEuiccEventRow = EuiccEventRow & {
  euicc: EuiccRow | undefined;
  operation: EimOperationRow | undefined;
};

export class EuiccEvents {
  readonly #db: Kysely<Tables>;
  readonly #log: EventLog<EuiccEventRow>;

  constructor(db: Kysely<Tables>, flavor: Flavor, soon: Soon) {
    this.#db = db;
    this.#log = new EventLog('euicc_events', db, flavor, soon);
  }

  /** Accounts to which this transaction added events. */
  get addedTo(): ReadonlySet<string> {
    return this.#log.addedTo;
  }

  insert(row: EuiccEventRow): Promise<void> {
    return this.#log.insert(row);
  }

  /** Called before the commit. Throws `TooLate`. */
  checkKept(): void {
    this.#log.checkKept();
  }

  /** Oldest first. */
  async read(
    accountSid: string,
    { after, upTo, of, limit }: EventRange,
  ): Promise<ToldEuiccEventRow[]> {
    let query = this.#of(accountSid).where('sid', '>', after);
    if (upTo !== undefined) query = query.where('sid', '<=', upTo);
    if (of !== undefined) query = query.where('euicc_sid', '=', of);
    return this.#told(await query.orderBy('sid').limit(limit).execute());
  }

  /** In the order of `sids`, without those that do not exist. */
  async find(accountSid: string, sids: readonly string[]): Promise<ToldEuiccEventRow[]> {
    if (sids.length === 0) return [];
    const rows = await this.#of(accountSid).where('sid', 'in', sids).execute();
    const found = new Map(rows.map((row) => [row.sid, row]));
    return this.#told(sids.flatMap((sid) => found.get(sid) ?? []));
  }

  sids(accountSid: string, after: string): Promise<string[]> {
    return this.#log.sids(accountSid, after);
  }

  newestSid(accountSid: string): Promise<string | undefined> {
    return this.#log.newestSid(accountSid);
  }

  /** Deletes up to `limit` of before `date`. @returns how many */
  async deleteBefore(date: string, limit: number): Promise<number> {
    const old = await this.#db
      .selectFrom('euicc_events')
      .select(['account_sid', 'sid'])
      .where('date_created', '<', date)
      .limit(constant(limit))
      .execute();
    for (const [accountSid, rows] of Map.groupBy(old, ({ account_sid }) => account_sid)) {
      await this.#db
        .deleteFrom('euicc_events')
        .where('account_sid', '=', accountSid)
        .where(
          'sid',
          'in',
          rows.map(({ sid }) => sid),
        )
        .execute();
    }
    return old.length;
  }

  #of(accountSid: string) {
    return this.#db.selectFrom('euicc_events').selectAll().where('account_sid', '=', accountSid);
  }

  async #told(events: EuiccEventRow[]): Promise<ToldEuiccEventRow[]> {
    if (events.length === 0) return [];
    const eids = [...new Set(events.map(({ eid }) => eid))];
    const euiccs = await this.#db
      .selectFrom('euiccs')
      .selectAll()
      .where('eid', 'in', eids)
      .execute();
    const sids = [...new Set(events.flatMap(({ operation_sid: sid }) => sid ?? []))];
    const operations =
      sids.length === 0
        ? []
        : await this.#db
            .selectFrom('eim_operations')
            .selectAll()
            .where('eid', 'in', eids)
            .where('sid', 'in', sids)
            .execute();
    // An EID may have been registered again since, by whomever.
    const euiccOf = new Map(euiccs.map((row) => [row.sid, row]));
    const operationOf = new Map(operations.map((row) => [row.sid, row]));
    return events.map((event) => ({
      ...event,
      euicc: euiccOf.get(event.euicc_sid),
      operation: operationOf.get(event.operation_sid ?? ''),
    }));
  }
}
