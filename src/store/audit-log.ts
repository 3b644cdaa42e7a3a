// The audit log: entries, and the seals that chain them. Rows are only ever added, until a checkpoint tells of their deletion.
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { inTwoPhases } from './citus.ts';
import { insertRows } from './compiled.ts';
import { checkAge } from './event-log.ts';
import { constant } from './flavor.ts';
import type { Flavor } from './flavor.ts';
import type { AuditCheckpointRow, AuditEntryRow, AuditSealRow, Tables } from './schema.ts';
import type { Soon } from './together.ts';
import { together } from './together.ts';

/** A change that is to be entered. Those of a group, made at the same time, share an entry. */
export interface Pending<Change = unknown> {
  group: string;
  change: Change;
  /** Whether what it changes is not where the rows of accounts are. */
  isBeside: boolean;
  /** Makes the entry, whose SID must be new. */
  enter(changes: Change[]): AuditEntryRow;
}

/** What is read of it: also on a view of a database that is only examined. */
export class AuditChain {
  protected readonly db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.db = db;
  }

  find(accountSid: string, sid: string): Promise<AuditEntryRow | undefined> {
    return this.db
      .selectFrom('audit_entries')
      .selectAll()
      .where('account_sid', '=', accountSid)
      .where('sid', '=', sid)
      .executeTakeFirst();
  }

  /** Whoever's it is. */
  findAny(sid: string): Promise<AuditEntryRow | undefined> {
    return this.db
      .selectFrom('audit_entries')
      .selectAll()
      .where('sid', '=', sid)
      .executeTakeFirst();
  }

  /** Of all accounts, oldest first. @param upTo inclusive */
  between(after: string, upTo: string, limit: number): Promise<AuditEntryRow[]> {
    return this.db
      .selectFrom('audit_entries')
      .selectAll()
      .where('sid', '>', after)
      .where('sid', '<=', upTo)
      .orderBy('sid')
      .limit(constant(limit))
      .execute();
  }

  /** The newest. */
  head(): Promise<AuditSealRow | undefined> {
    return this.db
      .selectFrom('audit_seals')
      .selectAll()
      .orderBy('number', 'desc')
      .limit(constant(1))
      .executeTakeFirst();
  }

  /** Oldest first. */
  sealsAfter(number: number, limit: number): Promise<AuditSealRow[]> {
    return this.db
      .selectFrom('audit_seals')
      .selectAll()
      .where('number', '>', number)
      .orderBy('number')
      .limit(constant(limit))
      .execute();
  }

  checkpoint(): Promise<AuditCheckpointRow | undefined> {
    return this.db
      .selectFrom('audit_checkpoints')
      .selectAll()
      .orderBy('number', 'desc')
      .limit(constant(1))
      .executeTakeFirst();
  }
}

export class AuditLog extends AuditChain {
  readonly #flavor: Flavor;
  readonly add: (pending: Pending) => Promise<void>;

  /** @param soon defers a query until concurrent callers have added theirs */
  constructor(db: Kysely<Tables>, flavor: Flavor, soon: Soon) {
    super(db);
    this.#flavor = flavor;
    this.add = together(async (all: Pending[]) => {
      await this.#insert(all);
      return all.map(() => undefined);
    }, soon);
  }

  async #insert(all: readonly Pending[]): Promise<void> {
    const { time, isSpread } = this.#flavor;
    if (isSpread && all.some(({ isBeside }) => isBeside)) await inTwoPhases(this.db);
    const groups = Map.groupBy(all, ({ group }) => group).values();
    const rows = Array.from(groups, (some) => some[0]!.enter(some.map(({ change }) => change)));
    if (time === undefined || isSpread) {
      await insertRows(this.db, this.#flavor, 'audit_entries', rows);
      return;
    }
    const [now] = await insertRows(this.db, this.#flavor, 'audit_entries', rows, time);
    checkAge(rows, now!);
  }

  /** @returns false if there is one with its number */
  async addSeal(row: AuditSealRow): Promise<boolean> {
    const added = await this.db
      .insertInto('audit_seals')
      .values(row)
      .onConflict((conflict) => conflict.column('number').doNothing())
      .returning('number')
      .executeTakeFirst();
    return added !== undefined;
  }

  /** Deletes the entries that a new checkpoint tells of, and the seals before its own. */
  async cut(row: AuditCheckpointRow): Promise<void> {
    await this.db
      .insertInto('audit_checkpoints')
      .values(row)
      .onConflict((conflict) => conflict.column('number').doNothing())
      .execute();
    await this.db.deleteFrom('audit_entries').where('sid', '<=', row.last_sid).execute();
    await this.db.deleteFrom('audit_seals').where('number', '<', row.number).execute();
    await this.db.deleteFrom('audit_checkpoints').where('number', '<', row.number).execute();
  }

  /** Since when the oldest transaction is open that has written something; undefined: none has. */
  async oldestWriter(): Promise<Date | undefined> {
    const { oldestWriter } = this.#flavor;
    if (oldestWriter === undefined) return undefined;
    const { rows } = await sql<{ time: number | null }>`select ${oldestWriter} as time`.execute(
      this.db,
    );
    const time = rows[0]?.time ?? null;
    return time === null ? undefined : new Date(time);
  }
}
