// Changes of tables that others use: each waits for them for a moment, lets them pass, and tries again.
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { StoreUnavailable } from './errors.ts';
import type { Note } from './flavor.ts';
import { errorCode } from './postgres-errors.ts';
import type { Tables } from './schema.ts';

/** Whoever waits for a table makes all others wait behind it. */
export const LOCK_LIMIT_MS = 1_000;
const ASK_AGAIN_MS = 200;
const PAUSE_MS = 1_000;
const PATIENCE_MS = 10 * 60_000;
const NOTE_EVERY_MS = 10_000;
/** The lock was not to be had in time; deadlock; the change has lost to the transaction of a node. */
const TRY_AGAIN = new Set(['55P03', '40P01', '40001']);

export class Patience {
  readonly #db: Kysely<Tables>;
  readonly #note: Note;

  /** @param db on connections that have no limit of their own for waiting */
  constructor(db: Kysely<Tables>, note: Note) {
    this.#db = db;
    this.#note = note;
  }

  /** One transaction, again and again, until no other is in its way. */
  async transaction(
    lockLimitMs: number,
    work: (db: Kysely<Tables>) => Promise<void>,
  ): Promise<void> {
    await this.until('for tables that others have locked', async () => {
      try {
        await this.#db
          .transaction()
          .setIsolationLevel('read committed')
          .execute(async (db) => {
            await sql`set local lock_timeout = ${sql.lit(lockLimitMs)}`.execute(db);
            await sql`set local idle_in_transaction_session_timeout = 0`.execute(db);
            await sql`set local statement_timeout = 0`.execute(db);
            await work(db);
          });
        return true;
      } catch (error) {
        const cause = error instanceof StoreUnavailable ? error.cause : error;
        if (!TRY_AGAIN.has(errorCode(cause) ?? '')) throw error;
        await sleep(PAUSE_MS);
        return false;
      }
    });
  }

  async until(what: string, attempt: () => Promise<boolean>): Promise<void> {
    const began = performance.now();
    let noteAt = began + NOTE_EVERY_MS;
    while (!(await attempt())) {
      const now = performance.now();
      if (now > began + PATIENCE_MS) {
        throw new StoreUnavailable(
          `The database could not be migrated: waited ${PATIENCE_MS / 60_000} minutes ${what}`,
        );
      }
      if (now > noteAt) {
        this.#note(`migrating the database: waiting ${what}`);
        noteAt = now + NOTE_EVERY_MS;
      }
      await sleep(ASK_AGAIN_MS);
    }
  }
}
