// The embedded database: a file in the data folder, through Node's own SQLite.
import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { DatabaseSyncOptions, SQLInputValue } from 'node:sqlite';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { Kysely, SqliteDialect } from 'kysely';
import { OwnClock } from './clock.ts';
import { StoreDamaged, StoreUnavailable } from './errors.ts';
import { ENDING_LENGTH } from './flavor.ts';
import type { Backend, Flavor, Migrations, Statistics } from './flavor.ts';
import { runMigrations } from './migrate.ts';
import type { Tables } from './schema.ts';
import { adapt, adaptRead, whenOnDisk } from './sqlite-dialect.ts';
import { isBusy, translate } from './sqlite-errors.ts';
import { openWriteAheadLog } from './write-ahead-log.ts';

const flavor: Flavor = {
  name: 'sqlite',
  text: 'text',
  clustered: 'without rowid',
  // SQLite has no function that reverses a text.
  ending: (column) =>
    Array.from({ length: ENDING_LENGTH }, (_, at) => `substr(${column}, ${-1 - at}, 1)`).join(
      ' || ',
    ),
  statistics,
  mergesOrderedParts: false,
  rowLocks: false,
  time: undefined,
  later: undefined,
  // It answers at once, so all have asked before anything else happens.
  soon: (work) => process.nextTick(work),
};

/** A page holds some eight rendered profiles, so a list page touches few of them. */
const PAGE_SIZE = 8192;
const CACHE_KIB = 32 * 1024;
/** Pages in the write-ahead log before they are brought into the file: what is written often is brought once. */
const LOG_PAGES = 4000;
/** How long a transaction waits for another process that writes. */
const BUSY_LIMIT_MS = 10_000;
const BUSY_PAUSE_MS = 5;
/** Transactions that share one write to disk. */
const GROUP_LIMIT = 64;

interface Job {
  work: (db: Kysely<Tables>) => Promise<unknown>;
  /** When it gives up waiting for another process that writes, in milliseconds. */
  deadline: number;
  resolve: (value: unknown) => void;
  reject: (reason: unknown) => void;
}

/**
 * @param file path of the database file; made when missing, its folder is there
 * Throws `StoreUnavailable`.
 */
export function openSqlite(file: string): Backend {
  const { writing, reading } = connect(file);
  const log = openWriteAheadLog(file);
  const opened = statSync(file);
  /** A damaged file does not mend itself. */
  let damaged: StoreDamaged | undefined;

  function failed(error: unknown): unknown {
    const translated = translate(error, file);
    if (translated instanceof StoreDamaged) damaged ??= translated;
    return translated;
  }

  function translating<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw failed(error);
    }
  }

  /**
   * A connection forgets the pages that it has read when another one writes. So what is read between two
   * transactions is read where it was written.
   */
  function read<T>(ask: (connection: DatabaseSync) => T): T {
    return translating(() => {
      if (writing.isTransaction) return ask(reading);
      try {
        return ask(writing);
      } catch (error) {
        // It waits for no other process; the other one does.
        if (!isBusy(error)) throw error;
        return ask(reading);
      }
    });
  }
  const writer = new Kysely<Tables>({
    dialect: new SqliteDialect({ database: adapt(writing, translating) }),
  });
  const reader = new Kysely<Tables>({
    dialect: new SqliteDialect({ database: adaptRead(read) }),
    plugins: [whenOnDisk(() => onDisk)],
  });
  const dataVersion = reading.prepare('pragma data_version');

  const queue: Job[] = [];
  let draining: Promise<void> | undefined;
  /** While what was committed last is on its way to disk. Nobody is told of it before it is there. */
  let onDisk: Promise<void> | undefined;
  /** Whether the log may lack something on disk that was committed: a failed write is reported once alone. */
  let inDoubt = false;

  /** Node's SQLite is one synchronous connection, so transactions take turns, a group per commit. */
  async function drain(): Promise<void> {
    while (queue.length > 0) {
      // Requests that have arrived together are read first, so that they share a commit.
      await nextTurn();
      try {
        checkFile();
        if (inDoubt) renewLog();
        if (begin(writing)) await commitGroup(queue.splice(0, GROUP_LIMIT));
        else await waitForOther();
      } catch (error) {
        for (const job of queue.splice(0)) job.reject(failed(error));
      }
    }
    draining = undefined;
  }

  /** Another process writes: this one is not held up by it, and nobody waits for longer than the limit. */
  async function waitForOther(): Promise<void> {
    await sleep(BUSY_PAUSE_MS);
    while (queue[0] !== undefined && queue[0].deadline < performance.now()) {
      queue.shift()!.reject(new StoreUnavailable('Another process has been writing for long'));
    }
  }

  /** What is written into a file that has no name any more is lost with the process. */
  function checkFile(): void {
    if (statSync(file, { throwIfNoEntry: false })?.ino === opened.ino) return log.check();
    const problem =
      'was moved away, removed or replaced while the server runs; put it back, or stop the server and start it again';
    throw new StoreUnavailable(`The database ${file} ${problem}`, {
      brief: `The database ${problem}`,
    });
  }

  /** What comes after a gap in the log is lost with it: so all of it goes into the file, and a new one begins. */
  function renewLog(): void {
    const result = writing.prepare('pragma wal_checkpoint(truncate)').get();
    if (result?.['busy'] !== 0) {
      throw new StoreUnavailable('SQLite could not write its log, and another process reads it');
    }
    inDoubt = false;
  }

  async function commitGroup(group: Job[]): Promise<void> {
    const fulfil: (() => void)[] = [];
    try {
      for (const job of group) {
        writing.exec('savepoint job');
        try {
          const value = await job.work(writer);
          fulfil.push(() => job.resolve(value));
        } catch (error) {
          // A full disk makes SQLite give up the whole transaction: then nobody's work is kept.
          if (!writing.isTransaction) throw error;
          writing.exec('rollback to job');
          job.reject(failed(error));
        }
        writing.exec('release job');
      }
      writing.exec('commit');
      inDoubt = true;
      onDisk = log.toDisk();
      await onDisk;
      inDoubt = false;
    } catch (error) {
      for (const job of group) job.reject(failed(error));
      rollBack(writing);
      return;
    } finally {
      onDisk = undefined;
    }
    for (const resolve of fulfil) resolve();
  }

  function transaction<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const deadline = performance.now() + BUSY_LIMIT_MS;
      queue.push({ work, deadline, resolve: resolve as Job['resolve'], reject });
      draining ??= drain();
    });
  }

  return {
    flavor,
    clock: new OwnClock(),
    reader,
    transaction,
    migrate: (migrations: Migrations) =>
      transaction((db) => runMigrations(db, flavor, migrations, { ownTransaction: false })),
    prepare(_name, sql) {
      const statements = translating(
        () =>
          new Map(
            [reading, writing].map((connection) => {
              const statement = connection.prepare(sql);
              statement.setReturnArrays(true);
              return [connection, statement];
            }),
          ),
      );
      return async (parameters) => {
        const rows = read((connection) =>
          statements.get(connection)!.all(...(parameters as SQLInputValue[])),
        );
        if (onDisk !== undefined) await onDisk;
        return rows as unknown as unknown[][];
      };
    },
    changeToken: async () => translating(() => String(dataVersion.get()?.['data_version'])),
    check() {
      if (damaged !== undefined) throw damaged;
    },
    async close() {
      await draining;
      await reader.destroy();
      if (reading.isOpen) reading.close();
      // The last to close, and one that may write: so the log goes into the file.
      await writer.destroy();
      if (writing.isOpen) writing.close();
      log.close();
    },
  };
}

/**
 * One connection that writes, and one that reads, so that a read never waits for a transaction and never sees
 * half of one. Throws `StoreUnavailable`.
 */
function connect(file: string): { writing: DatabaseSync; reading: DatabaseSync } {
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
        `pragma page_size = ${PAGE_SIZE}; pragma journal_mode = wal; pragma synchronous = normal;
         pragma wal_autocheckpoint = ${LOG_PAGES};
         pragma foreign_keys = on; pragma cache_size = -${CACHE_KIB}`,
      ),
    );
    const reading = open({ readOnly: true, timeout: 1000 });
    reading.exec(`pragma cache_size = -${CACHE_KIB}`);
    return { writing, reading };
  } catch (error) {
    for (const connection of opened) connection.close();
    throw translate(error, file);
  }
}

/** SQLite counts rows only when told to, and plans by the primary key until then. */
function statistics(rows: Statistics): string[] {
  const values = Object.entries(rows).flatMap(([table, counted]) =>
    Object.entries(counted).map(
      ([index, counts]) => `('${table}', '${index}', '${counts.join(' ')}')`,
    ),
  );
  const indexes = Object.values(rows).flatMap((counts) => Object.keys(counts));
  return [
    // Makes the table of statistics when there is none.
    'analyze sqlite_schema',
    `delete from sqlite_stat1 where idx in (${indexes.map((index) => `'${index}'`).join(', ')})`,
    `insert into sqlite_stat1 (tbl, idx, stat) values ${values.join(', ')}`,
    'analyze sqlite_schema',
  ];
}

/** @returns false while another process writes */
function begin(connection: DatabaseSync): boolean {
  rollBack(connection);
  try {
    connection.exec('begin immediate');
    return true;
  } catch (error) {
    if (!isBusy(error)) throw error;
    return false;
  }
}

/** A disk that fails may fail here, too: then it is tried again before the next transaction. */
function rollBack(connection: DatabaseSync): void {
  try {
    if (connection.isTransaction) connection.exec('rollback');
  } catch {
    // What made it necessary was told already.
  }
}

/** Only while opening, when there is nothing else to hold up. */
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
