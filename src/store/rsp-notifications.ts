// Accepted notifications of eUICCs.
import type { Kysely } from 'kysely';
import { run } from './compiled.ts';
import type { RspNotificationRow, Tables } from './schema.ts';

export class RspNotifications {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  /** @returns false if the same notification was accepted before */
  async insert(row: RspNotificationRow): Promise<boolean> {
    const { rows } = await run(this.#db, 'rspNotifications.insert', { ...row }, (given) =>
      this.#db
        .insertInto('rsp_notifications')
        .values(given)
        .onConflict((conflict) => conflict.columns(['eid', 'digest']).doNothing())
        .returning('eid'),
    );
    return rows.length > 0;
  }
}
