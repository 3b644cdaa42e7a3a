// Ensures that only one server uses an SQLite database. Node has no file locks, but SQLite does: the system releases
// them however a process dies, so no stale lock remains.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { StoreInUse } from './errors.ts';
import { isBusy, translate } from './sqlite-errors.ts';
import { beginSharing } from './sqlite-sharing.ts';

/** The server that uses a database, as recorded in the file beside the lock. */
interface Holder {
  pid: number;
  host: string;
  since: string;
  /** URL of its API, once it listens. */
  url?: string;
}

export interface ServerLock {
  /** Records where the API listens, for the error message of a second server. */
  listensOn(url: string): void;
  release(): void;
}

/** How often, and with what pause, to look for a holder that has the lock but has not written its name yet. */
const LOOKS = 10;
const LOOK_PAUSE_MS = 30;

/** How long, and how often, to look for workers of a server that has ended: they end as soon as they notice. */
const ORPHANS_LIMIT_MS = 10_000;
const ORPHANS_PAUSE_MS = 20;

/**
 * Takes the lock until it is released or the process ends.
 * @param file path of the database file; the lock and its holder's name are files beside it
 * @param since when this server started
 * @param hasWorkers whether processes of its own will join it Throws `StoreInUse` if another server has the lock, `StoreUnavailable` if the
 * file cannot be locked.
 */
export async function lockForServer(
  file: string,
  since: string,
  { hasWorkers = false } = {},
): Promise<ServerLock> {
  const nameFile = `${file}.server.json`;
  const lock = await lockAlone(lockFileOf(file), hasWorkers);
  if (lock === undefined) throw new StoreInUse(refusal(file, await readHolder(nameFile)));
  const holder: Holder = { pid: process.pid, host: hostname(), since };
  const write = () => writeFileSync(nameFile, `${JSON.stringify(holder)}\n`, { mode: 0o600 });
  try {
    if (hasWorkers) beginSharing(file);
    write();
  } catch (error) {
    lock.close();
    throw error;
  }
  return {
    listensOn(url) {
      holder.url = url;
      write();
    },
    release() {
      if (!lock.isOpen) return;
      // Remove the name first: once the lock is released, the file belongs to its next holder.
      rmSync(nameFile, { force: true });
      lock.close();
    },
  };
}

/** Whether a server has the lock, or had it and has workers that live. @param file as for `lockForServer` */
export function isServed(file: string): boolean {
  if (!existsSync(lockFileOf(file))) return false;
  const connection = open(lockFileOf(file));
  try {
    connection.exec('begin exclusive; rollback');
    return false;
  } catch (error) {
    if (isBusy(error)) return true;
    throw translate(error, lockFileOf(file));
  } finally {
    connection.close();
  }
}

/** An SQLite database that stays empty. */
export const lockFileOf = (file: string) => `${file}.lock`;

/**
 * Holds the data of a server as one of its workers, until disposed of or the process ends: no other server starts before.
 * @param file as for `lockForServer` Throws `StoreUnavailable`.
 */
export function joinServer(file: string): Disposable {
  const lockFile = lockFileOf(file);
  const connection = open(lockFile);
  try {
    // A shared lock, which lasts as long as the transaction.
    connection.exec('begin; select count(*) from sqlite_schema');
  } catch (error) {
    connection.close();
    throw translate(error, lockFile);
  }
  return { [Symbol.dispose]: () => connection.close() };
}

/**
 * The lock is exclusive, or, for workers to join, reserved: both have at most one holder. Nobody has either while
 * workers live of a server that has ended.
 * @returns undefined if another server has it
 */
async function lockAlone(file: string, hasWorkers: boolean): Promise<DatabaseSync | undefined> {
  const connection = open(file);
  const begin = (kind: 'exclusive' | 'immediate'): boolean => {
    try {
      connection.exec(`begin ${kind}`);
      return true;
    } catch (error) {
      if (isBusy(error)) return false;
      throw translate(error, file);
    }
  };
  try {
    const deadline = performance.now() + ORPHANS_LIMIT_MS;
    while (!begin('exclusive')) {
      if (!begin('immediate') || performance.now() > deadline) {
        connection.close();
        return undefined;
      }
      connection.exec('rollback');
      await sleep(ORPHANS_PAUSE_MS);
    }
    if (!hasWorkers) return connection;
    // Without a file beside it.
    connection.exec('rollback; pragma journal_mode = memory');
    if (begin('immediate')) return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
  connection.close();
  return undefined;
}

function open(file: string): DatabaseSync {
  try {
    return new DatabaseSync(file, { timeout: 0 });
  } catch (error) {
    throw translate(error, file);
  }
}

/** The holder of the lock, if it has written its name. A dead process's name is soon overwritten. */
async function readHolder(nameFile: string): Promise<Holder | undefined> {
  for (let look = 1; ; look++) {
    const holder = parseHolder(nameFile);
    if (holder !== undefined && mayLive(holder)) return holder;
    if (look === LOOKS) return undefined;
    await sleep(LOOK_PAUSE_MS);
  }
}

function parseHolder(nameFile: string): Holder | undefined {
  try {
    return (JSON.parse(readFileSync(nameFile, 'utf8')) as Holder | null) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Processes on other machines cannot be checked. */
function mayLive({ pid, host }: Holder): boolean {
  if (host !== hostname()) return true;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function refusal(file: string, holder: Holder | undefined): string {
  const { pid, host, since, url } = holder ?? {};
  const who =
    holder === undefined
      ? ''
      : `: process ${pid} on ${host}, started at ${since}, ` +
        (url === undefined ? 'not listening yet' : `listening on ${url}`);
  return (
    `Another server already uses ${file}${who}. One server at a time can use an SQLite database: ` +
    'stop that one, or set SIMWRIGHT_DATA to another folder for this one. Commands can run beside a server'
  );
}
