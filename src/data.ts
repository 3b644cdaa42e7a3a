// The store and the master key, which the server and every command need.
import { existsSync } from 'node:fs';
import type { Config, Secrets } from './config.ts';
import { currentAuditKey } from './audit/audit-key.ts';
import { forgetKeyFile, loadMasterKey } from './process/key-file.ts';
import { MasterKey } from './process/keys.ts';
import { timeSinceKept } from './process/kept-time.ts';
import { makeFile } from './process/private-files.ts';
import { proveMasterKey } from './first-start.ts';
import { sealStoredCallbackUrls } from './operator/seal-callback-urls.ts';
import { dateOfSid, isFarAhead } from './values/sid.ts';
import { ensureTestPki } from './smdp/pki/test-pki.ts';
import { MACHINE } from './store/clock.ts';
import { StoreMismatch, StoreUnavailable } from './store/errors.ts';
import { openStore } from './store/open.ts';
import type { StoreOptions } from './store/open.ts';
import type { Store } from './store/store.ts';
import { unitsOf } from './unit.ts';
import type { Units } from './unit.ts';

export interface Data extends Units {
  store: Store;
  masterKey: MasterKey;
}

/** Throws `StoreMismatch`, `StoreUnavailable`, `SealError`, `FileError`. */
export async function openData(
  config: Config,
  secrets: Secrets,
  options: StoreOptions = {},
): Promise<Data> {
  const isNewFile = secrets.masterKey === undefined && !existsSync(config.masterKeyFile);
  const masterKey =
    secrets.masterKey === undefined
      ? loadMasterKey(config.masterKeyFile)
      : new MasterKey(secrets.masterKey);
  // Not a fault of what is sealed: it opens as soon as the key is here.
  masterKey.missing = (short) =>
    new StoreUnavailable(
      `Something is sealed with the master key ${short}, which this process does not have`,
    );
  // SQLite creates its -wal and -shm files with the mode of this one.
  if (config.database.kind === 'sqlite') makeFile(config.database.file);
  const { sqliteCacheMb } = config;
  const store = await openStore(config.database, { ...options, sqliteCacheMb });
  const data = {
    store,
    masterKey,
    ...unitsOf(store, () => store.now(), { auditKey: currentAuditKey(masterKey) }),
  };
  try {
    await proveMasterKey(data);
    await sealStoredCallbackUrls(data);
    await goOnFrom(data);
    if (config.rentedSmdp === undefined) await ensureTestPki(config.smdpAddress, data);
  } catch (error) {
    await store.close();
    if (!isNewFile || !(error instanceof StoreMismatch)) throw error;
    forgetKeyFile(config.masterKeyFile, masterKey);
    throw new StoreMismatch(`${error.message}. There is no ${config.masterKeyFile}`);
  }
  return data;
}

/**
 * Even if the clock was set back since the last run, new events are dated after the existing ones, and time goes on,
 * however often the server is restarted.
 */
async function goOnFrom({ store, sids }: Data): Promise<void> {
  const { clock, esimProfileEvents } = store;
  const kept = await timeSinceKept(store, MACHINE.wall);
  const newest = await esimProfileEvents.newestOfAll();
  const now = clock.now();
  if (kept !== undefined && !isFarAhead(kept, now)) clock.notBefore(kept);
  if (newest === undefined || isFarAhead(dateOfSid(newest), now)) return;
  clock.notBefore(dateOfSid(newest));
  sids.goOnAfter(newest);
}
