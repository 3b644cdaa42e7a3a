// Locks the data against a second server where only one may use it (SQLite). Commands need no lock.
import { realpathSync } from 'node:fs';
import type { Config } from './config.ts';
import { makeFile } from './process/private-files.ts';
import { MACHINE } from './store/clock.ts';
import type { ServerLock } from './store/server-lock.ts';
import { joinServer, lockFileOf, lockForServer } from './store/server-lock.ts';
import { apiDate } from './values/date.ts';

/** Throws `StoreInUse`, `StoreUnavailable`, `FileError`. */
export async function lockData({ database, workers }: Config): Promise<ServerLock> {
  if (database.kind !== 'sqlite') return { listensOn() {}, release() {} };
  makeFile(database.file);
  // One file is one database, whatever path leads to it.
  const file = realpathSync(database.file);
  makeFile(lockFileOf(file));
  return lockForServer(file, apiDate(new Date(MACHINE.wall())), { hasWorkers: workers > 1 });
}

/** As a worker of the server that has locked the data: they are in use until this process ends. Throws `StoreUnavailable`. */
export function joinData({ database }: Config): Disposable {
  if (database.kind !== 'sqlite') return { [Symbol.dispose]() {} };
  return joinServer(realpathSync(database.file));
}
