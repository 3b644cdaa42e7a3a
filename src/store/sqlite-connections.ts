// The two connections to SQLite's file, and the beginning and the end of their transactions.
import { DatabaseSync } from 'node:sqlite';
import type { DatabaseSyncOptions } from 'node:sqlite';
import { isBusy, translate } from './sqlite-errors.ts';

/** A page holds about eight rendered profiles, so a list page touches few of them. */
const PAGE_SIZE = 8192;
/** What it has read is discarded with each commit of the other connection, so it never needs more. */
const READING_CACHE_KIB = 4 * 1024;
/** Pages in the write-ahead log before a checkpoint: many writes to a page are copied once. */
const LOG_PAGES = 4000;
/** How long a transaction waits for another process that is writing. */
export const BUSY_LIMIT_MS = 10_000;

/**
 * Opens one connection for writing and one for reading, so a read never waits for a transaction and never sees half
 * of one. Throws `StoreUnavailable`.
 */
export function connect(
  file: string,
  cacheMb: number,
): { writing: DatabaseSync; reading: DatabaseSync } {
  const opened: DatabaseSync[] = [];
  function open(options: DatabaseSyncOptions): DatabaseSync {
    const connection = new DatabaseSync(file, options);
    opened.push(connection);
    return connection;
  }
  try {
    const writing = open({ timeout: 0 });
    retryWhileBusy(() =>
      writing.exec(
        // What a savepoint would undo is kept as temporary data: in memory, rather than in a file per group.
        `pragma page_size = ${PAGE_SIZE}; pragma journal_mode = wal; pragma synchronous = normal;
         pragma wal_autocheckpoint = ${LOG_PAGES};
         pragma foreign_keys = on; pragma temp_store = memory; pragma cache_size = -${cacheMb * 1024}`,
      ),
    );
    const reading = open({ readOnly: true, timeout: 1000 });
    reading.exec(`pragma cache_size = -${READING_CACHE_KIB}`);
    return { writing, reading };
  } catch (error) {
    for (const connection of opened) connection.close();
    throw translate(error, file);
  }
}

/** @returns false while another process is writing */
export function begin(connection: DatabaseSync): boolean {
  rollBack(connection);
  try {
    connection.exec('begin immediate');
    return true;
  } catch (error) {
    if (!isBusy(error)) throw error;
    return false;
  }
}

/** May fail too, if the disk does; then it is tried again before the next transaction. */
export function rollBack(connection: DatabaseSync): void {
  try {
    if (connection.isTransaction) connection.exec('rollback');
  } catch {
    // The original error has been reported already.
  }
}

/** Blocks; only used while opening. */
function retryWhileBusy(work: () => void): void {
  const deadline = performance.now() + BUSY_LIMIT_MS;
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error;
      Atomics.wait(pause, 0, 0, 5);
    }
  }
}
