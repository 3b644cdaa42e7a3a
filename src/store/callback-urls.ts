// Callback URLs, in all the tables that store them.
import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { Tables } from './schema.ts';

/** The tables with callback URLs of orders and Sims, and their columns. That of an account was never stored in clear. */
export const CALLBACK_URL_COLUMNS = {
  esim_profiles: 'callback_url',
  batches: 'callback_url',
  bulk_operations: 'callback_url',
  sims: 'callback_url',
  callbacks: 'url',
} as const satisfies Partial<Record<keyof Tables, string>>;

export type CallbackUrlTable = keyof typeof CALLBACK_URL_COLUMNS;

export interface StoredCallbackUrl {
  account_sid: string;
  sid: string;
  url: string;
}

export class CallbackUrls {
  readonly #db: Kysely<Tables>;

  constructor(db: Kysely<Tables>) {
    this.#db = db;
  }

  /** URLs that may contain a user name, ordered by account and SID, starting after a row. */
  async withAt(
    table: CallbackUrlTable,
    after: { account_sid: string; sid: string },
    limit: number,
  ): Promise<StoredCallbackUrl[]> {
    const column = sql.ref(CALLBACK_URL_COLUMNS[table]);
    const { rows } = await sql<StoredCallbackUrl>`
      select account_sid, sid, ${column} as url from ${sql.table(table)}
      where (account_sid, sid) > (${after.account_sid}, ${after.sid}) and ${column} like '%@%'
      order by account_sid, sid limit ${limit}`.execute(this.#db);
    return rows;
  }

  /** Replaces a URL, unless it has changed since it was read. */
  async replace(table: CallbackUrlTable, row: StoredCallbackUrl, url: string): Promise<void> {
    const column = sql.ref(CALLBACK_URL_COLUMNS[table]);
    await sql`
      update ${sql.table(table)} set ${column} = ${url}
      where account_sid = ${row.account_sid} and sid = ${row.sid} and ${column} = ${row.url}`.execute(
      this.#db,
    );
  }
}
