// Ensures that only one server uses an SQLite database. Node has no file locks, but SQLite does: the system releases
// them however a process dies, so no stale lock remains.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { StoreInUse } from './errors.ts';
import { isBusy, translate } from './sqlite-errors.ts';

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

/**
 * Takes the lock until it is released or the process ends.
 * @param file path of the database file; the lock and its holder's name are files beside it
 * @param since when this server started Throws `StoreInUse` if another server has the lock, `StoreUnavailable` if the
 * file cannot be locked.
 */
export async function lockForServer(file: string, since: string): Promise<ServerLock> {
  const nameFile = `${file}.server.json`;
  const lock = lockExclusively(lockFileOf(file));
  if (lock === undefined) throw new StoreInUse(refusal(file, await readHolder(nameFile)));
  const holder: Holder = { pid: process.pid, host: hostname(), since };
  const write = () => writeFileSync(nameFile, `${JSON.stringify(holder)}\n`, { mode: 0o600 });
  try {
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

/** An SQLite database that stays empty. */
export const lockFileOf = (file: string) => `${file}.lock`;

/** @returns undefined if another process has it */
function lockExclusively(file: string): DatabaseSync | undefined {
  let connection: DatabaseSync | undefined;
  try {
    connection = new DatabaseSync(file, { timeout: 0 });
    connection.exec('begin exclusive');
    return connection;
  } catch (error) {
    connection?.close();
    if (isBusy(error)) return undefined;
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
