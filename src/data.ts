// The store and the master key that the server and every command need.
import { realpathSync } from 'node:fs';
import type { Config, Secrets } from './config.ts';
import { loadMasterKey, MasterKey } from './process/keys.ts';
import { makeFile } from './process/private-files.ts';
import { apiDate } from './values/date.ts';
import { checkMasterKey } from './first-start.ts';
import { sealStoredCallbackUrls } from './operator/seal-callback-urls.ts';
import { dateOfSid, isFarAhead, makeSidsAfter } from './values/sid.ts';
import { ensureTestPki } from './smdp/pki/test-pki.ts';
import { MACHINE } from './store/clock.ts';
import { openStore } from './store/open.ts';
import type { ServerLock } from './store/server-lock.ts';
import { lockFileOf, lockForServer } from './store/server-lock.ts';
import type { Store } from './store/store.ts';

export interface Data {
  store: Store;
  masterKey: MasterKey;
}

/**
 * Keeps other servers away from the data, where one alone may use them; commands need not ask.
 * Throws `StoreInUse`, `StoreUnavailable`, `FileError`.
 */
export async function lockData({ database }: Config): Promise<ServerLock> {
  if (database.kind !== 'sqlite') return { listensOn() {}, release() {} };
  makeFile(database.file);
  // Whatever the paths, one file is one database.
  const file = realpathSync(database.file);
  makeFile(lockFileOf(file));
  return lockForServer(file, apiDate(new Date(MACHINE.wall())));
}

/** Throws `StoreMismatch`, `StoreUnavailable`, `SealError`, `FileError`. */
export async function openData(config: Config, secrets: Secrets): Promise<Data> {
  const masterKey =
    secrets.masterKey === undefined
      ? loadMasterKey(config.masterKeyFile)
      : new MasterKey(secrets.masterKey);
  // SQLite gives the files beside it the mode of this one.
  if (config.database.kind === 'sqlite') makeFile(config.database.file);
  const store = await openStore(config.database);
  try {
    await checkMasterKey(store, masterKey);
    await sealStoredCallbackUrls(store, masterKey);
    await goOnFrom(store);
    await ensureTestPki(store, masterKey, config.smdpAddress, store.now());
  } catch (error) {
    await store.close();
    throw error;
  }
  return { store, masterKey };
}

/** A clock that was set back meanwhile does not put what happens next before what has happened. */
async function goOnFrom({ clock, esimProfileEvents }: Store): Promise<void> {
  const newest = await esimProfileEvents.newestOfAll();
  if (newest === undefined || isFarAhead(newest, clock.now())) return;
  clock.notBefore(dateOfSid(newest));
  makeSidsAfter(newest);
}
