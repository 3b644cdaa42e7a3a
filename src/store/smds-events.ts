// Events at SM-DSs (ES12): what each is to have, what it has as far as is known, and when the difference is settled.
import type { Kysely } from 'kysely';
import { claim, lockFree } from './claims.ts';
import { run } from './compiled.ts';
import { constant } from './flavor.ts';
import type { Flavor } from './flavor.ts';
import type { SmdsEventRow, SubscriptionRow, Tables } from './schema.ts';

export type SmdsEventKey = Pick<SmdsEventRow, 'event_id' | 'eid' | 'address'>;

export class SmdsEvents {
  readonly #db: Kysely<Tables>;
  readonly #flavor: Flavor;

  constructor(db: Kysely<Tables>, flavor: Flavor) {
    this.#db = db;
    this.#flavor = flavor;
  }

  /** The events with an EventID that are to be at an SM-DS. */
  async findWanted(eventId: string): Promise<SmdsEventRow[]> {
    const { rows } = await run(this.#db, 'smdsEvents.findWanted', { eventId }, (given) =>
      this.#db
        .selectFrom('smds_events')
        .selectAll()
        .where('event_id', '=', given.eventId)
        .where('wanted', '=', constant(1)),
    );
    return rows;
  }

  /** All of a profile, of any of its orders, oldest first. */
  async list(accountSid: string, iccid: string): Promise<SmdsEventRow[]> {
    return this.#db
      .selectFrom('smds_events')
      .selectAll()
      .where('account_sid', '=', accountSid)
      .where('iccid', '=', iccid)
      .orderBy('order_number')
      .orderBy('address')
      .execute();
  }

  /** Adds an event that is to be registered, or takes one up again that was to be deleted. */
  async want(row: SmdsEventRow): Promise<void> {
    const { account_sid, iccid, order_number, ordered_by, forwards, date_updated } = row;
    await this.#db
      .insertInto('smds_events')
      .values(row)
      .onConflict((conflict) =>
        conflict.columns(['event_id', 'eid', 'address']).doUpdateSet((event) => ({
          account_sid,
          iccid,
          order_number,
          ordered_by,
          forwards,
          date_updated,
          wanted: 1,
          attempts: 0,
          error: null,
          // What is registered is so for this order, too.
          next_attempt_at: event
            .case()
            .when('smds_events.state', '=', constant('registered'))
            .then(null)
            .else(row.next_attempt_at)
            .end(),
        })),
      )
      .execute();
  }

  /** The events of an order are no longer to be at an SM-DS. @returns whether any may have to be deleted there */
  async unwant(
    { account_sid, iccid, order_number, matching_id }: SubscriptionRow,
    now: string,
  ): Promise<boolean> {
    const update = this.#db
      .updateTable('smds_events')
      .set((event) => ({
        wanted: 0,
        attempts: 0,
        error: null,
        date_updated: now,
        // Nothing is deleted that was never registered.
        next_attempt_at: event
          .case()
          .when('state', '=', constant('absent'))
          .then(null)
          .else(now)
          .end(),
      }))
      .where('account_sid', '=', account_sid)
      .where('iccid', '=', iccid)
      .where('order_number', '=', order_number)
      .where('wanted', '=', constant(1))
      .returning('next_attempt_at');
    // An order without a MatchingID has an EventID that only its events know.
    const rows = await (
      (matching_id ?? '') === '' ? update : update.where('event_id', '=', matching_id!)
    ).execute();
    return rows.some(({ next_attempt_at: due }) => due !== null);
  }

  /** The first SM-DS after `after`, in alphabetical order, that has an event to settle now. */
  async nextDue(after: string, now: string): Promise<string | undefined> {
    const { rows } = await run(this.#db, 'smdsEvents.nextDue', { after, now }, (given) =>
      this.#due(given.now)
        .select('address')
        .where('address', '>', given.after)
        .orderBy('address')
        .limit(constant(1)),
    );
    return rows[0]?.address;
  }

  /**
   * Locks up to `limit` events of an SM-DS that are to be settled, longest due first: from then until its outcome is
   * recorded, what the SM-DS has is unknown.
   * @returns them as they were
   */
  async claim(
    address: string,
    now: string,
    lockedUntil: string,
    limit: number,
  ): Promise<SmdsEventRow[]> {
    const due = this.#due(now).where('address', '=', address);
    const rows = await claim({
      limit,
      find: (
        after: Pick<SmdsEventRow, 'event_id' | 'eid' | 'next_attempt_at'> | undefined,
        count,
      ) =>
        (after === undefined
          ? due
          : due.where((row) =>
              row(
                row.refTuple('next_attempt_at', 'event_id', 'eid'),
                '>',
                row.tuple(after.next_attempt_at, after.event_id, after.eid),
              ),
            )
        )
          .select(['event_id', 'eid', 'next_attempt_at'])
          .orderBy('next_attempt_at')
          .orderBy('event_id')
          .orderBy('eid')
          .limit(constant(count))
          .execute(),
      placeOf: ({ event_id, eid }) => `${event_id} ${eid}`,
      lock: (events) =>
        lockFree(
          due
            .selectAll()
            .where('event_id', '=', events[0]!.event_id)
            .where('eid', '=', events[0]!.eid),
          this.#flavor,
        ),
    });
    for (const row of rows) {
      await this.#set(row, {
        state: 'unknown',
        attempts: row.attempts + 1,
        locked_until: lockedUntil,
      });
    }
    return rows;
  }

  /** Ends all claims. */
  async unlockAll(): Promise<void> {
    await this.#db
      .updateTable('smds_events')
      .set({ locked_until: null })
      .where('next_attempt_at', 'is not', null)
      .where('locked_until', 'is not', null)
      .execute();
  }

  /** Locked by this transaction. */
  async get(key: SmdsEventKey): Promise<SmdsEventRow | undefined> {
    const query = this.#db
      .selectFrom('smds_events')
      .selectAll()
      .where('event_id', '=', key.event_id)
      .where('eid', '=', key.eid)
      .where('address', '=', key.address);
    return (this.#flavor.rowLocks ? query.forUpdate() : query).executeTakeFirst();
  }

  /** Of an event that this transaction has locked. */
  async settle(
    key: SmdsEventKey,
    settled: Pick<
      SmdsEventRow,
      'state' | 'error' | 'next_attempt_at' | 'locked_until' | 'date_updated'
    >,
  ): Promise<void> {
    await this.#set(key, settled);
  }

  /** Deletes up to `limit` events that were settled before `date` and are not wanted. @returns how many */
  async deleteSettledBefore(date: string, limit: number): Promise<number> {
    const old = await this.#db
      .selectFrom('smds_events')
      .select(['event_id', 'eid', 'address'])
      .where('wanted', '=', constant(0))
      .where('next_attempt_at', 'is', null)
      .where('date_updated', '<', date)
      .limit(constant(limit))
      .execute();
    for (const { event_id, eid, address } of old) {
      await this.#db
        .deleteFrom('smds_events')
        .where('event_id', '=', event_id)
        .where('eid', '=', eid)
        .where('address', '=', address)
        .where('wanted', '=', constant(0))
        .where('next_attempt_at', 'is', null)
        .execute();
    }
    return old.length;
  }

  #due(now: string) {
    return this.#db
      .selectFrom('smds_events')
      .where('next_attempt_at', 'is not', null)
      .where('next_attempt_at', '<=', now)
      .where((event) =>
        event.or([event('locked_until', 'is', null), event('locked_until', '<=', now)]),
      );
  }

  async #set({ event_id, eid, address }: SmdsEventKey, values: Partial<SmdsEventRow>) {
    await this.#db
      .updateTable('smds_events')
      .set(values)
      .where('event_id', '=', event_id)
      .where('eid', '=', eid)
      .where('address', '=', address)
      .execute();
  }
}
