// Sims: the subscriptions in an account's profiles.
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { claim, lockFree } from './claims.ts';
import { insertRows } from './compiled.ts';
import { constant } from './flavor.ts';
import type { Flavor } from './flavor.ts';
import type { Soon } from './together.ts';
import { finder, together } from './together.ts';
import type { SimRow, Tables } from './schema.ts';

export class Sims {
  readonly #db: Kysely<Tables>;
  readonly #flavor: Flavor;
  readonly #soon: Soon;
  readonly findByIccid: (accountSid: string, iccid: string) => Promise<SimRow | undefined>;

  constructor(db: Kysely<Tables>, flavor: Flavor, soon: Soon) {
    this.#db = db;
    this.#flavor = flavor;
    this.#soon = soon;
    this.findByIccid = finder(db, flavor, 'sims', 'iccid', soon);
  }

  /** The Sim of an ICCID: the one that the account has already, or else this one, which is added. */
  readonly ensure = together(
    async (rows: SimRow[]) => {
      const sid = sql.ref<string>('sid');
      const unique = ['account_sid', 'iccid'] as const;
      const added = new Set(await insertRows(this.#db, this.#flavor, 'sims', rows, sid, unique));
      return rows.map(async (row) =>
        added.has(row.sid) ? row : (await this.findByIccid(row.account_sid, row.iccid))!,
      );
    },
    (work) => this.#soon(work),
  );

  /** @param name SID or unique name; a SID wins */
  async find(accountSid: string, name: string): Promise<SimRow | undefined> {
    return pick(name, await this.#named(accountSid, name).execute());
  }

  /** Like `find`, and locks the row until this transaction ends. */
  async lock(accountSid: string, name: string): Promise<SimRow | undefined> {
    const query = this.#named(accountSid, name);
    return pick(name, await (this.#flavor.rowLocks ? query.forUpdate() : query).execute());
  }

  #named(accountSid: string, name: string) {
    return this.#db
      .selectFrom('sims')
      .selectAll()
      .where('account_sid', '=', accountSid)
      .where((column) => column.or([column('sid', '=', name), column('unique_name', '=', name)]));
  }

  /** Replaces a row that this transaction has locked. Throws `AlreadyExists` if the unique name is taken. */
  async update({ account_sid, sid, ...columns }: SimRow): Promise<void> {
    await this.#db
      .updateTable('sims')
      .set(columns)
      .where('account_sid', '=', account_sid)
      .where('sid', '=', sid)
      .execute();
  }

  /** Whether any Sim has a scheduled change of status. */
  async anyScheduled(): Promise<boolean> {
    const row = await this.#db
      .selectFrom('sims')
      .select('sid')
      .where('status', '=', constant('scheduled'))
      .limit(constant(1))
      .executeTakeFirst();
    return row !== undefined;
  }

  /** Sims with a scheduled change of status, oldest first, locked by this transaction. */
  async claimScheduled(limit: number): Promise<SimRow[]> {
    const scheduled = this.#db.selectFrom('sims').where('status', '=', constant('scheduled'));
    const claimed = await claim({
      limit,
      find: (after: Pick<SimRow, 'account_sid' | 'sid'> | undefined, count) =>
        (after === undefined ? scheduled : scheduled.where('sid', '>', after.sid))
          .select(['account_sid', 'sid'])
          .orderBy('sid')
          .limit(constant(count))
          .execute(),
      placeOf: ({ account_sid }) => account_sid,
      lock: (sims) =>
        lockFree(
          scheduled
            .selectAll()
            .where('account_sid', '=', sims[0]!.account_sid)
            .where(
              'sid',
              'in',
              sims.map(({ sid }) => sid),
            ),
          this.#flavor,
        ),
    });
    return claimed.toSorted((one, other) => (one.sid < other.sid ? -1 : 1));
  }
}

function pick(name: string, rows: SimRow[]): SimRow | undefined {
  return rows.find((row) => row.sid === name) ?? rows[0];
}
