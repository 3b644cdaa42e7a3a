// The embedded database: a file in the data folder, accessed through Node's built-in SQLite.
import { statSync } from 'node:fs';
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import { OwnClock } from './clock.ts';
import { StoreDamaged, StoreUnavailable } from './errors.ts';
import type { Backend, MigrateOptions, Migrations } from './flavor.ts';
import { migrateWithin } from './migrator.ts';
import type { Tables } from './schema.ts';
import { BUSY_LIMIT_MS, begin, connect, rollBack } from './sqlite-connections.ts';
import { adapt, adaptRead, kyselyOn, prepareOnce } from './sqlite-dialect.ts';
import { isBusy, translate } from './sqlite-errors.ts';
import { flavor } from './sqlite-flavor.ts';
import { LOOK_AGAIN_MS, SqliteSharing } from './sqlite-sharing.ts';
import { joinLine } from './waiting-line.ts';
import { openWriteAheadLog } from './write-ahead-log.ts';

const CACHE_MB = 12;
const BUSY_PAUSE_MS = 5;
/** As long as a worker may take to import a file. */
const BUSY_WORKER_LIMIT_MS = 30_000;
/** How long the log is waited for before it is renewed, where other workers use it. */
const RENEWAL_LIMIT_MS = 100;
const RENEW_AGAIN_MS = 1_000;
/** Transactions per commit. */
const GROUP_LIMIT = 64;
/** A group is complete when this many turns of the event loop, one after the other, have brought no transaction. */
const QUIET_TURNS = 2;

/** With savepoints after a job has failed, because more may follow. */
const APART_GROUPS = 64;

interface Job {
  work: (db: Kysely<Tables>) => Promise<unknown>;
  /** When to give up waiting for another process that is writing, in milliseconds. */
  deadline: number;
  resolve: (value: unknown) => void;
  reject: (reason: unknown) => void;
}

/**
 * @param file path of the database file, created if missing; its folder must exist Throws `StoreUnavailable`.
 * @param isShared whether other workers of this server use it, too
 * @param cacheMb of the writing connection
 */
export function openSqlite(
  file: string,
  { isShared = false, cacheMb = CACHE_MB }: { isShared?: boolean; cacheMb?: number } = {},
): Backend {
  const { writing, reading } = connect(file, cacheMb);
  const log = openWriteAheadLog(file);
  const opened = statSync(file);
  const clock = new OwnClock();
  const sharing = isShared ? new SqliteSharing(file, writing, clock) : undefined;
  /** Set for good: a damaged file does not repair itself. */
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
   * A connection discards its page cache when another one writes. So reads between transactions use the writing
   * connection.
   */
  function read<T>(ask: (connection: DatabaseSync) => T): T {
    return translating(() => {
      if (writing.isTransaction) return ask(reading);
      try {
        return ask(writing);
      } catch (error) {
        // The writing connection does not wait for other processes; the reading one does.
        if (!isBusy(error)) throw error;
        return ask(reading);
      }
    });
  }

  /**
   * After some errors SQLite rolls the transaction back by itself: https://sqlite.org/lang_transaction.html. Whatever
   * the transaction does next must not be committed by itself, one statement at a time.
   */
  function withinTransaction<T>(work: () => T): T {
    if (!writing.isTransaction) {
      throw new StoreUnavailable(
        'SQLite rolled the transaction back after another statement failed',
      );
    }
    return translating(work);
  }
  const writer = kyselyOn(adapt(writing, withinTransaction));
  const reader = kyselyOn(adaptRead(read), readsOnDisk);
  const dataVersion = reading.prepare('pragma data_version');
  dataVersion.setReturnArrays(true);
  const [savepoint, release] = [writing.prepare('savepoint job'), writing.prepare('release job')];

  const queue: Job[] = [];
  /** How many groups still have a savepoint for each job. SQLite copies every page that changes after one. */
  let apart = 0;
  let draining: Promise<void> | undefined;
  /** Pending while the last commit is being synced to disk. No result is delivered before that. */
  let onDisk: Promise<void> | undefined;
  /**
   * Whether the log on disk may lack something committed: a failed write is reported only once. A log that was found may
   * be of a process that has died with that report; while others use it, there is no telling, and no renewing it.
   */
  let doubt: 'none' | 'inherited' | 'own' = log.isEmpty() ? 'none' : 'inherited';

  let renewAgainAt = -Infinity;
  /** Up to which version the commits of others are on disk, and what is being synced because a read has seen it. */
  let othersOnDisk = -1;
  let syncing: { version: number | undefined; done: Promise<void> } | undefined;

  /** Resolves when all that a read has seen is on disk; undefined: it is. */
  function readsOnDisk(): Promise<void> | undefined {
    // A transaction renews the log first, even if it does nothing.
    if (doubt === 'own') return transaction(async () => {});
    const others = sharing && seenOnDisk(sharing);
    return others === undefined || onDisk === undefined
      ? (others ?? onDisk)
      : bothOf(others, onDisk);
  }

  /** As `readsOnDisk`, of what other workers have committed: whoever reads it does not know how far they have got. */
  function seenOnDisk(shared: SqliteSharing): Promise<void> | undefined {
    const version = shared.version();
    if (version !== undefined && version <= othersOnDisk) return undefined;
    if (version === undefined || syncing?.version !== version)
      syncing = { version, done: toDisk() };
    return syncing.done;
  }

  /** Node's SQLite is synchronous, so transactions take turns, a group per commit. */
  async function drain(): Promise<void> {
    while (queue.length > 0) {
      await gather();
      try {
        checkFile();
        if (mustRenew() && !(await renewLog()) && doubt === 'own') {
          throw new StoreUnavailable(
            'SQLite could not write its log, and another process is reading it',
          );
        }
        if (begin(writing)) await commitGroup(queue.splice(0, GROUP_LIMIT));
        else await waitForOther();
        const pauseMs = sharing?.pauseMs() ?? 0;
        if (pauseMs > 0 && queue.length > 0) await sleep(pauseMs);
      } catch (error) {
        for (const job of queue.splice(0)) job.reject(failed(error));
      }
    }
    draining = undefined;
  }

  /**
   * Waits while requests that have already arrived still add transactions: together they write a page once that all of
   * them change, and share a commit.
   */
  async function gather(): Promise<void> {
    let quiet = 0;
    while (quiet < QUIET_TURNS && queue.length < GROUP_LIMIT) {
      const waiting = queue.length;
      await nextTurn();
      quiet = queue.length > waiting ? 0 : quiet + 1;
    }
  }

  /** Waits for another process that is writing, without blocking this one, and fails jobs that exceed the limit. */
  async function waitForOther(): Promise<void> {
    await sleep(sharing === undefined ? BUSY_PAUSE_MS : LOOK_AGAIN_MS);
    while (queue[0] !== undefined && queue[0].deadline < performance.now()) {
      queue.shift()!.reject(new StoreUnavailable('Another process has been writing for too long'));
    }
  }

  /** Writes to a file that was removed or replaced would be lost with the process. */
  function checkFile(): void {
    if (statSync(file, { throwIfNoEntry: false })?.ino === opened.ino) return log.check();
    const problem =
      'was moved, removed or replaced while the server was running; put it back, or restart the server';
    throw new StoreUnavailable(`The database ${file} ${problem}`, {
      brief: `The database ${problem}`,
    });
  }

  /**
   * Anything after a gap in the log would be lost, so the log is written again, copied into the file and begun anew. In
   * this order: a copy that a power cut interrupts can only be completed from a log without a gap.
   * @returns false while another process is using it
   */
  async function renewLog(): Promise<boolean> {
    // Nobody else adds to the log meanwhile.
    if (!begin(writing)) return false;
    try {
      await log.rewrite();
    } finally {
      rollBack(writing);
    }
    // Others are never done for long.
    if (sharing !== undefined) writing.exec(`pragma busy_timeout = ${RENEWAL_LIMIT_MS}`);
    const result = writing.prepare('pragma wal_checkpoint(truncate)').get();
    if (sharing !== undefined) writing.exec('pragma busy_timeout = 0');
    if (result?.['busy'] !== 0) return false;
    doubt = 'none';
    return true;
  }

  /** Where others use the log as well, they know whether it has a gap, and it is not written again for each turn. */
  function mustRenew(): boolean {
    if (doubt !== 'inherited' || sharing === undefined) return doubt !== 'none';
    if (performance.now() < renewAgainAt) return false;
    renewAgainAt = performance.now() + RENEW_AGAIN_MS;
    return true;
  }

  async function toDisk(): Promise<void> {
    const version = sharing?.version() ?? othersOnDisk;
    try {
      await log.toDisk();
      othersOnDisk = Math.max(othersOnDisk, version);
    } catch (error) {
      doubt = 'own';
      throw error;
    }
  }

  async function commitGroup(group: Job[]): Promise<void> {
    // A job may have failed because of what another one wrote, so that must be on disk before anybody learns of it.
    const settle: (() => void)[] = [];
    const isAlone = group.length === 1;
    const isApart = !isAlone && apart > 0;
    if (isApart) apart -= 1;
    try {
      sharing?.beginTurn();
      for (const job of group) {
        if (isApart) savepoint.run();
        try {
          const value = await job.work(writer);
          settle.push(() => job.resolve(value));
        } catch (error) {
          if (!isAlone && !isApart) return again(group);
          // On a full disk, SQLite rolls back the whole transaction, and all jobs fail.
          if (isAlone || !writing.isTransaction) throw error;
          writing.exec('rollback to job');
          settle.push(() => job.reject(failed(error)));
        }
        if (isApart) release.run();
      }
      sharing?.endTurn();
      writing.exec('commit');
      onDisk = toDisk();
      await onDisk;
    } catch (error) {
      rollBack(writing);
      const reason = await whenOthersOnDisk(error);
      for (const job of group) job.reject(failed(reason));
      return;
    } finally {
      onDisk = undefined;
    }
    for (const settled of settle) settled();
  }

  /** Undoes the group, of which a job has failed. It is the next one, then with savepoints. */
  function again(group: Job[]): void {
    rollBack(writing);
    apart = APART_GROUPS;
    queue.unshift(...group);
  }

  /** What a job has failed with may be due to what another worker has committed. @returns the error, or a worse one */
  function whenOthersOnDisk(error: unknown): Promise<unknown> {
    const others = sharing && seenOnDisk(sharing);
    return Promise.resolve(others).then(
      () => error,
      (worse: unknown) => worse,
    );
  }

  function transaction<T>(work: (db: Kysely<Tables>) => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      joinLine(queue.length);
      const deadline =
        performance.now() + (sharing === undefined ? BUSY_LIMIT_MS : BUSY_WORKER_LIMIT_MS);
      queue.push({ work, deadline, resolve: resolve as Job['resolve'], reject });
      draining ??= drain();
    });
  }

  return {
    flavor,
    clock,
    reader,
    transaction,
    migrate: (migrations: Migrations, { check }: MigrateOptions = {}) =>
      transaction(async (db) => {
        await check?.(db);
        await migrateWithin(db, flavor, migrations);
      }),
    look: async () => {},
    prepare(text) {
      const statements = translating(
        () =>
          new Map(
            [reading, writing].map((connection) => {
              const statement = prepareOnce(connection, text);
              statement.setReturnArrays(true);
              return [connection, statement];
            }),
          ),
      );
      return async (parameters) => {
        const rows = read((connection) =>
          statements.get(connection)!.all(...(parameters as SQLInputValue[])),
        );
        const pending = readsOnDisk();
        if (pending !== undefined) await pending;
        return rows as unknown as unknown[][];
      };
    },
    changeToken: async () =>
      translating(() => String((dataVersion.get() as unknown as unknown[])[0])),
    async figures() {
      checkFile();
      return { sizeBytes: statSync(file).size, logBytes: log.bytes() };
    },
    connections: () => undefined,
    check() {
      if (damaged !== undefined) throw damaged;
    },
    async close() {
      await draining;
      await syncing?.done.catch(() => {});
      // A writing connection that is closed last copies the log into the file, which is for the next to do if the log may
      // have a gap.
      const connections = doubt === 'none' ? [reading, writing] : [writing, reading];
      for (const connection of connections) if (connection.isOpen) connection.close();
      log.close();
      sharing?.close();
    },
  };
}

async function bothOf(one: Promise<void>, other: Promise<void>): Promise<void> {
  await Promise.all([one, other]);
}
