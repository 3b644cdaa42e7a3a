// Of several servers one alone uses an SQLite database. Node has no file locks, SQLite has: the system takes
// them away from a process that dies, however it dies, so a lock that is left behind holds nobody up.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { StoreInUse } from './errors.ts';
import { isBusy, translate } from './sqlite-errors.ts';

/** Who serves a database, as it stands in the file beside the lock. */
interface Holder {
  pid: number;
  host: string;
  since: string;
  /** Where its API listens, once it does. */
  url?: string;
}

export interface ServerLock {
  /** For whoever is refused: where the API listens. */
  listensOn(url: string): void;
  release(): void;
}

/** How often, and after what pause, a holder is looked for who has the lock and has not written its name yet. */
const LOOKS = 10;
const LOOK_PAUSE_MS = 30;

/**
 * Held until it is released or the process ends.
 * @param file path of the database file; the lock and its holder's name stand beside it
 * @param since when this server was started
 * Throws `StoreInUse` when another server has it, `StoreUnavailable` when the file cannot be locked.
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
      // The name first: what comes after belongs to whoever has the lock next.
      rmSync(nameFile, { force: true });
      lock.close();
    },
  };
}

/** An SQLite database that stays empty. */
export const lockFileOf = (file: string) => `${file}.lock`;

/** @returns undefined when another has it */
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

/** Whoever has the lock, unless it does not say. A name that a dead process has left is overwritten at once. */
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

/** What runs on other machines is not known here. */
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
    'stop that one, or set SIMWRIGHT_DATA to a folder of its own for this one. Commands work beside a server'
  );
}
