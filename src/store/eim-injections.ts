// eUICCs for whose IPAs, which listen, something waits: a row for each, as long as it does.
import type { Kysely } from 'kysely';
import type { BulkKey } from './bulk-operations.ts';
import { lockFree } from './claims.ts';
import { run } from './compiled.ts';
import { constant } from './flavor.ts';
import type { Flavor } from './flavor.ts';
import type { EimInjectionRow, Tables } from './schema.ts';
import { allEnded } from './together.ts';

/** Whoever holds it alone calls the IPA. */
export type InjectionClaim = Pick<EimInjectionRow, 'eid'> & { locked_until: string };

export class EimInjections {
  readonly #db: Kysely<Tables>;
  readonly #flavor: Flavor;

  constructor(db: Kysely<Tables>, flavor: Flavor) {
    this.#db = db;
    this.#flavor = flavor;
  }

  /**
   * It is due at once, once more if it is being carried out. A server of before has no row to delete when it removes an eUICC,
   * which may then be that of another account.
   */
  async want(row: EimInjectionRow): Promise<void> {
    await this.#db
      .insertInto('eim_injections')
      .values(row)
      .onConflict((conflict) =>
        conflict.column('eid').doUpdateSet((now) => ({
          account_sid: row.account_sid,
          wanted: now('eim_injections.wanted', '+', constant(1)),
          due_at: row.due_at,
        })),
      )
      .execute();
  }

  async find(eid: string): Promise<EimInjectionRow | undefined> {
    return this.#db
      .selectFrom('eim_injections')
      .selectAll()
      .where('eid', '=', eid)
      .executeTakeFirst();
  }

  /** The first account after `after`, by SID, for which something is due. */
  async nextDueAccount(after: string, now: string): Promise<string | undefined> {
    const { rows } = await run(this.#db, 'eimInjections.nextDueAccount', { after, now }, (given) =>
      this.#due(given.now)
        .select('account_sid')
        .where('account_sid', '>', given.after)
        .orderBy('account_sid')
        .limit(constant(1)),
    );
    return rows[0]?.account_sid;
  }

  /** EIDs of an account, longest due first. */
  async due(accountSid: string, now: string, limit: number): Promise<string[]> {
    const rows = await this.#due(now)
      .select('eid')
      .where('account_sid', '=', accountSid)
      .orderBy('due_at')
      .orderBy('eid')
      .limit(constant(limit))
      .execute();
    return rows.map(({ eid }) => eid);
  }

  /** Those that are still due, and that nobody else holds. @returns them as they were */
  async claim(
    eids: readonly string[],
    now: string,
    lockedUntil: string,
  ): Promise<EimInjectionRow[]> {
    const found = await allEnded(
      eids.map((eid) => lockFree(this.#due(now).selectAll().where('eid', '=', eid), this.#flavor)),
    );
    const rows = found.flat();
    for (const { eid } of rows) {
      await this.#db
        .updateTable('eim_injections')
        .set({ locked_until: lockedUntil })
        .where('eid', '=', eid)
        .execute();
    }
    return rows;
  }

  /** @returns whether it is still held */
  async extend({ eid, locked_until }: InjectionClaim, until: string): Promise<boolean> {
    const extended = await this.#db
      .updateTable('eim_injections')
      .set({ locked_until: until })
      .where('eid', '=', eid)
      .where('locked_until', '=', locked_until)
      .returning('eid')
      .executeTakeFirst();
    return extended !== undefined;
  }

  /**
   * What is held is done, as far as it could be.
   * @param seen `wanted`, as it was before the last look for what there is to do
   * @param next undefined: there is nothing left. If it was wanted meanwhile, it stays due.
   */
  async settle(
    { eid, locked_until }: InjectionClaim,
    seen: number,
    next: Pick<EimInjectionRow, 'attempts' | 'acknowledgements' | 'due_at'> | undefined,
  ): Promise<void> {
    if (next === undefined) {
      await this.#db
        .deleteFrom('eim_injections')
        .where('eid', '=', eid)
        .where('locked_until', '=', locked_until)
        .where('wanted', '=', seen)
        .execute();
    }
    await this.#db
      .updateTable('eim_injections')
      .set((row) => ({
        locked_until: null,
        attempts: next?.attempts ?? 0,
        acknowledgements: next?.acknowledgements ?? null,
        ...(next === undefined
          ? {}
          : {
              due_at: row
                .case()
                .when('wanted', '=', seen)
                .then(next.due_at)
                .else(row.ref('due_at'))
                .end(),
            }),
      }))
      .where('eid', '=', eid)
      .where('locked_until', '=', locked_until)
      .execute();
  }

  /** Those for which an operation of a bulk operation is queued are due, now that it may be handed out. */
  async hastenOfBulk({ account_sid, sid }: BulkKey, now: string): Promise<void> {
    await this.#db
      .updateTable('eim_injections')
      .set((row) => ({ wanted: row('wanted', '+', constant(1)), due_at: now }))
      .where('account_sid', '=', account_sid)
      .where('eid', 'in', (row) =>
        row
          .selectFrom('eim_operations')
          .select('eid')
          .where('account_sid', '=', account_sid)
          .where('bulk_sid', '=', sid)
          .where('status', '=', constant('queued')),
      )
      .execute();
  }

  /** Ends all claims: those who held them are dead. */
  async unlockAll(now: string): Promise<void> {
    await this.#db
      .updateTable('eim_injections')
      .set({ locked_until: now })
      .where('locked_until', '>', now)
      .execute();
  }

  async delete(eid: string): Promise<void> {
    await this.#db.deleteFrom('eim_injections').where('eid', '=', eid).execute();
  }

  #due(now: string) {
    return this.#db
      .selectFrom('eim_injections')
      .where('due_at', '<=', now)
      .where((row) => row.or([row('locked_until', 'is', null), row('locked_until', '<=', now)]));
  }
}
