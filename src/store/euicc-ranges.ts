// EIDs whose eUICCs may register themselves, by their first digits: each prefix is of one account.
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { inTwoPhases } from './citus.ts';
import { run } from './compiled.ts';
import { constant } from './flavor.ts';
import type { Flavor } from './flavor.ts';
import type { EuiccRangeRow, Tables } from './schema.ts';

export const LEAST_PREFIX = 8;

export class EuiccRanges {
  readonly #db: Kysely<Tables>;
  readonly #flavor: Pick<Flavor, 'rowLocks' | 'isSpread'>;

  constructor(db: Kysely<Tables>, flavor: Pick<Flavor, 'rowLocks' | 'isSpread'>) {
    this.#db = db;
    this.#flavor = flavor;
  }

  /** What follows may be written on a worker. */
  async #change(): Promise<void> {
    if (this.#flavor.isSpread) await inTwoPhases(this.#db);
  }

  /** @returns false if the prefix is one already, in whichever account */
  async insert(row: EuiccRangeRow): Promise<boolean> {
    await this.#change();
    const inserted = await this.#db
      .insertInto('euicc_ranges')
      .values(row)
      .onConflict((conflict) => conflict.column('eid_prefix').doNothing())
      .returning('eid_prefix')
      .executeTakeFirst();
    return inserted !== undefined;
  }

  /** Until the end of the transaction, nobody else makes one. */
  async lockAll(): Promise<void> {
    await this.#change();
    if (!this.#flavor.rowLocks) return;
    await sql`lock table euicc_ranges in share row exclusive mode`.execute(this.#db);
  }

  /** Whether another account has one with EIDs that begin so, too. */
  async isAnothers(accountSid: string, eidPrefix: string): Promise<boolean> {
    const row = await this.#db
      .selectFrom('euicc_ranges')
      .select('eid_prefix')
      .where('account_sid', '!=', accountSid)
      .where((eb) =>
        eb.or([
          eb('eid_prefix', 'in', prefixesOf(eidPrefix)),
          // Digits alone.
          eb.and([eb('eid_prefix', '>', eidPrefix), eb('eid_prefix', '<', `${eidPrefix}:`)]),
        ]),
      )
      .limit(constant(1))
      .executeTakeFirst();
    return row !== undefined;
  }

  /** The longest prefix that an EID has. */
  async of(eid: string): Promise<EuiccRangeRow | undefined> {
    const prefixes = prefixesOf(eid);
    const { rows } = await run(
      this.#db,
      'euiccRanges.of',
      Object.fromEntries(prefixes.map((prefix, index) => [`p${index}`, prefix])),
      (given) =>
        this.#db
          .selectFrom('euicc_ranges')
          .selectAll()
          .where('eid_prefix', 'in', Object.values(given)),
    );
    return rows.toSorted((a, b) => b.eid_prefix.length - a.eid_prefix.length)[0];
  }

  async find(accountSid: string, sid: string): Promise<EuiccRangeRow | undefined> {
    return this.#db
      .selectFrom('euicc_ranges')
      .selectAll()
      .where('account_sid', '=', accountSid)
      .where('sid', '=', sid)
      .executeTakeFirst();
  }

  /** Those of an account, oldest first. */
  async list(accountSid: string): Promise<EuiccRangeRow[]> {
    return this.#db
      .selectFrom('euicc_ranges')
      .selectAll()
      .where('account_sid', '=', accountSid)
      .orderBy('sid')
      .execute();
  }

  /** Until the end of the transaction, no other eUICC is registered by it. */
  async lock(eidPrefix: string): Promise<EuiccRangeRow | undefined> {
    await this.#change();
    const query = this.#db
      .selectFrom('euicc_ranges')
      .selectAll()
      .where('eid_prefix', '=', eidPrefix);
    return (this.#flavor.rowLocks ? query.forUpdate() : query).executeTakeFirst();
  }

  /** Of one that this transaction has locked. */
  async update(
    eidPrefix: string,
    changed: Partial<Pick<EuiccRangeRow, 'most' | 'registered' | 'date_updated'>>,
  ): Promise<void> {
    await this.#db
      .updateTable('euicc_ranges')
      .set(changed)
      .where('eid_prefix', '=', eidPrefix)
      .execute();
  }

  async delete(eidPrefix: string): Promise<void> {
    await this.#db.deleteFrom('euicc_ranges').where('eid_prefix', '=', eidPrefix).execute();
  }
}

const prefixesOf = (digits: string) =>
  Array.from({ length: digits.length - LEAST_PREFIX + 1 }, (_, more) =>
    digits.slice(0, LEAST_PREFIX + more),
  );
