// In which account a value is, for those who look for it without knowing the account. Where tables are spread by account, it is
// asked here first, by the value, and then one server; elsewhere nothing is written here, and an index over all accounts is read.
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { run } from './compiled.ts';
import type { Flavor } from './flavor.ts';
import type { WhereaboutsRow, Tables } from './schema.ts';

type Kind = WhereaboutsRow['kind'];

export class Whereabouts {
  readonly #db: Kysely<Tables>;
  readonly #flavor: Pick<Flavor, 'isSpread'>;

  constructor(db: Kysely<Tables>, flavor: Pick<Flavor, 'isSpread'>) {
    this.#db = db;
    this.#flavor = flavor;
  }

  /**
   * Adds what is not there, in the transaction in which the account gets the value.
   * @param values of kinds that only one account can have were claimed before, or are random
   */
  async add(rows: readonly WhereaboutsRow[]): Promise<void> {
    if (!this.#flavor.isSpread || rows.length === 0) return;
    // In a fixed order, so that two transactions do not wait for each other.
    const sorted = rows.toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
    await this.#db
      .insertInto('whereabouts')
      .values(
        sorted.filter((row, index) => index === 0 || keyOf(row) !== keyOf(sorted[index - 1]!)),
      )
      .onConflict((conflict) => conflict.columns(['value', 'kind', 'holder']).doNothing())
      .execute();
  }

  /** Accounts in which there may be the value; undefined: in any, and an index over all of them finds it. */
  async find(kind: Kind, value: string): Promise<string[] | undefined> {
    return (await this.#rows(kind, value))?.map(({ account_sid }) => account_sid);
  }

  /** The EIDs of eUICCs that may have the value; undefined: any, and an index over all of them finds it. */
  async findEids(kind: 'RSP transaction', value: string): Promise<string[] | undefined> {
    return (await this.#rows(kind, value))?.map(({ holder }) => holder);
  }

  async #rows(kind: Kind, value: string) {
    if (!this.#flavor.isSpread) return undefined;
    const { rows } = await run(this.#db, 'whereabouts.find', { value, kind }, (given) =>
      this.#db
        .selectFrom('whereabouts')
        .select(['account_sid', 'holder'])
        .where('value', '=', given.value)
        .where('kind', '=', given.kind)
        .orderBy('account_sid'),
    );
    return rows;
  }

  /**
   * Takes a value that only one account can have, unless another has it. Until this transaction ends, others that ask for it
   * wait; also while a server has prepared a claim and not committed it.
   * @returns what has the value, in whichever account; undefined: nothing; `inDoubt`: that cannot be told yet
   */
  async claim<Held>(
    place: Place,
    accountSid: string,
    date: string,
    {
      find,
      isHeld,
    }: {
      find: (accountSid: string) => Promise<Held | undefined>;
      /** Otherwise another account can have the value. */
      isHeld: (found: Held) => boolean;
    },
  ): Promise<Held | 'inDoubt' | undefined> {
    const { account_sid: holder, date_created: since } = await this.#lock(place, accountSid, date);
    const found = await find(holder);
    if (found !== undefined && isHeld(found)) return found;
    if (holder === accountSid) return found;
    // Its server may have prepared the row, and not committed it yet.
    const isYoung = Date.parse(since) > Date.parse(date) - IN_DOUBT_MS;
    if (found === undefined && isYoung) return 'inDoubt';
    await this.#db
      .updateTable('whereabouts')
      .set({ account_sid: accountSid, date_created: date })
      .where('value', '=', place.value)
      .where('kind', '=', place.kind)
      .where('holder', '=', '')
      .execute();
    return found;
  }

  async #lock(place: Place, accountSid: string, date: string): Promise<Holder> {
    return this.#db
      .insertInto('whereabouts')
      .values({ ...place, holder: '', account_sid: accountSid, date_created: date })
      .onConflict((conflict) =>
        conflict
          .columns(['value', 'kind', 'holder'])
          // Changes nothing, and locks the row.
          .doUpdateSet((row) => ({ account_sid: row.ref('whereabouts.account_sid') })),
      )
      .returning(['account_sid', 'date_created'])
      .executeTakeFirstOrThrow();
  }

  /** Of what is deleted. */
  async remove(kind: Kind, value: string): Promise<void> {
    if (!this.#flavor.isSpread) return;
    await this.#db
      .deleteFrom('whereabouts')
      .where('value', '=', value)
      .where('kind', '=', kind)
      .execute();
  }
}

type Place = Pick<WhereaboutsRow, 'kind' | 'value'>;
type Holder = Pick<WhereaboutsRow, 'account_sid' | 'date_created'>;

/** A server that has prepared a transaction commits it within so long, once it can be reached. */
const IN_DOUBT_MS = 10 * 60 * 1_000;

const keyOf = ({ kind, value, holder }: WhereaboutsRow) => `${value}\0${kind}\0${holder}`;

/** Makes others that ask for the same value wait until this transaction ends, where transactions run side by side. */
export async function lockValue(
  db: Kysely<Tables>,
  { rowLocks }: Pick<Flavor, 'rowLocks'>,
  value: string,
): Promise<void> {
  if (!rowLocks) return;
  await sql`select pg_advisory_xact_lock(hashtextextended(${value}, 0))`.execute(db);
}
