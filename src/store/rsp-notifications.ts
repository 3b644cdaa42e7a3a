// Notifications of eUICCs that were accepted.
import type { Kysely } from 'kysely';
import type { RspNotificationRow, Tables } from './schema.ts';

export class RspNotifications {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  /** @returns false when this very notification was accepted before */
  async insert(row: RspNotificationRow): Promise<boolean> {
    const inserted = await this.#db
      .insertInto('rsp_notifications')
      .values(row)
      .onConflict((conflict) => conflict.columns(['eid', 'digest']).doNothing())
      .returning('eid')
      .executeTakeFirst();
    return inserted !== undefined;
  }
}
