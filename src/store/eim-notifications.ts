// Notifications of eUICCs that the eIM has taken over, until their SM-DP+s have.
import type { Kysely } from 'kysely';
import { constant } from './flavor.ts';
import type { EimNotificationRow, Tables } from './schema.ts';

export class EimNotifications {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  /** One that is there already stays as it is. */
  async insert(row: EimNotificationRow): Promise<void> {
    await this.#db
      .insertInto('eim_notifications')
      .values(row)
      .onConflict((conflict) => conflict.columns(['eid', 'seq_number']).doNothing())
      .execute();
  }

  /** Those of an eUICC, in its order. */
  async of(
    eid: string,
  ): Promise<Pick<EimNotificationRow, 'seq_number' | 'smdp_address' | 'due_at'>[]> {
    return this.#db
      .selectFrom('eim_notifications')
      .select(['seq_number', 'smdp_address', 'due_at'])
      .where('eid', '=', eid)
      .orderBy('seq_number')
      .execute();
  }

  /** That are to be sent now, oldest first. */
  async due(now: string, limit: number): Promise<EimNotificationRow[]> {
    return this.#db
      .selectFrom('eim_notifications')
      .selectAll()
      .where('due_at', '<=', now)
      .orderBy('due_at')
      .limit(constant(limit))
      .execute();
  }

  /** @param read as it was read. @returns false if somebody else has claimed it since */
  async claim(
    { eid, seq_number: seqNumber, due_at: dueAt }: EimNotificationRow,
    until: string,
  ): Promise<boolean> {
    const claimed = await this.#db
      .updateTable('eim_notifications')
      .set({ due_at: until })
      .where('eid', '=', eid)
      .where('seq_number', '=', seqNumber)
      .where('due_at', '=', dueAt)
      .returning('eid')
      .executeTakeFirst();
    return claimed !== undefined;
  }

  /** With the attempts that there were. */
  async postpone(
    { eid, seq_number: seqNumber, attempts }: EimNotificationRow,
    until: string,
  ): Promise<void> {
    await this.#db
      .updateTable('eim_notifications')
      .set({ due_at: until, attempts })
      .where('eid', '=', eid)
      .where('seq_number', '=', seqNumber)
      .execute();
  }

  /** The next one of its eUICC for its SM-DP+ is due. */
  async hastenNext(
    { eid, smdp_address: smdp }: Pick<EimNotificationRow, 'eid' | 'smdp_address'>,
    now: string,
  ): Promise<void> {
    const kept = await this.of(eid);
    const next = kept.find(({ smdp_address: address }) => address === smdp);
    if (next === undefined) return;
    await this.#db
      .updateTable('eim_notifications')
      .set({ due_at: now })
      .where('eid', '=', eid)
      .where('seq_number', '=', next.seq_number)
      .execute();
  }

  async delete({ eid, seq_number: seqNumber }: EimNotificationRow): Promise<void> {
    await this.#db
      .deleteFrom('eim_notifications')
      .where('eid', '=', eid)
      .where('seq_number', '=', seqNumber)
      .execute();
  }

  async deleteAll(eid: string): Promise<void> {
    await this.#db.deleteFrom('eim_notifications').where('eid', '=', eid).execute();
  }
}
