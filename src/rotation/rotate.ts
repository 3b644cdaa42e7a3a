// Replaces the master key of a database while servers use it. Each step may be interrupted, and is done again without harm:
// announced (every server gets the new key) → switched (the new key seals, and opens the old one) → sealed anew → ended.
// docs/decisions/0061-master-key-rotation.md.
import { setTimeout as sleep } from 'node:timers/promises';
import { OF_SERVER } from '../audit/entry.ts';
import { KEY_CHECK, MasterKey, shortKeyId } from '../process/keys.ts';
import { sessionsLeft } from '../store/sessions-left.ts';
import type { KeyHolderRow } from '../store/schema.ts';
import type { Store, Transaction } from '../store/store.ts';
import type { Transact, Unit } from '../unit.ts';
import { liveHolders } from './holders.ts';
import type { Progress } from './reseal.ts';
import { givenNow, nextKey, retire, withdraw } from './key-source.ts';
import type { KeySettings, Retired } from './key-source.ts';
import { resealAll } from './reseal.ts';
import { otherThan, readRing, RING, ringOf } from './ring.ts';
import { RotationError } from './rotation-error.ts';
import type { Ring } from './ring.ts';

const LOOK_MS = 250;
/** The setting that processes lock which change the keys of a database. */
const LOCK = 'master_keys_lock';

export interface RotateOptions {
  store: Store;
  transact: Transact;
  source: KeySettings;
  masterKey: MasterKey;
  /** Whether a server has locked the database, where that shows. */
  isServed: () => boolean;
  /** How long servers are waited for. */
  patienceMs: number;
  isUrgent: boolean;
  /** See `ResealOptions`. */
  settleMs?: number;
  signal?: AbortSignal | undefined;
  /** Whom it waits for. */
  tellWaiting: (whom: readonly string[]) => void;
  tellProgress: (progress: Progress) => void;
}

export interface Rotated {
  /** Null: nothing was left to do but to take a key that was replaced out of the settings. */
  from: string | null;
  to: string;
  /** Values, by all attempts together. */
  sealed: number;
}

const finder = (store: Pick<Transaction, 'settings'>) => (name: string) =>
  store.settings.find(name);

export async function currentRing({
  store,
  masterKey,
}: Pick<RotateOptions, 'store' | 'masterKey'>): Promise<Ring> {
  return ringOf(await readRing(finder(store)), masterKey);
}

/**
 * Lets everybody know which key is to come; versions that could not follow are refused from now on. Throws `RotationError`.
 */
async function announce(id: string, options: RotateOptions): Promise<void> {
  const unable = await sessionsLeft(() => unableToFollow(options));
  if (unable.length > 0) {
    throw new RotationError(
      `The master key cannot be rotated beside ${unable.join(', ')}; upgrade or stop it first`,
    );
  }
  await changeRing(options, async (ring, since, { tables, audit }) => {
    if (ring.next !== undefined || ring.resealing !== undefined) return ring;
    await tables.masterKeys.refuseOlder();
    await auditKey(id, 'announced', audit);
    return { ...ring, next: { id, since } };
  });
}

/** Before the switch. @returns the key that was to come */
export async function cancel(
  options: Pick<RotateOptions, 'transact' | 'masterKey' | 'source'>,
): Promise<string | undefined> {
  let cancelled: string | undefined;
  await changeRing(options, async ({ next, ...ring }, _now, { audit }) => {
    cancelled = next?.id;
    if (next !== undefined) await auditKey(next.id, 'given up', audit);
    return ring;
  });
  if (cancelled !== undefined) withdraw(cancelled, options.masterKey, options.source);
  return cancelled;
}

/**
 * Begins to rotate, or goes on from wherever the rotation is, to its end. Throws `RotationError`, `SealError`, `FileError`.
 * @param how.again whether to seal anew, without a new key, what something has sealed with an older one since
 */
export async function rotate(
  options: RotateOptions,
  how: { again: boolean; isKept: boolean },
): Promise<Rotated & Retired> {
  const { masterKey, source } = options;
  const ring = await currentRing(options);
  let rotated: Rotated = { from: null, to: ring.keys.at(-1)!.id, sealed: 0 };
  if (how.again) await beginAgain(ring, options);
  const isIdle = !how.again && ring.next === undefined && ring.resealing === undefined;
  const next = isIdle ? await nextKey(ring, masterKey, source) : undefined;
  if (next !== undefined) await announce(next, options);
  if (next !== undefined || !isIdle) rotated = await carryOn(options);
  return { ...rotated, ...retire(await currentRing(options), masterKey, source, how) };
}

/** Seals again what something has sealed with an older key after the end of a rotation. */
async function beginAgain({ keys }: Ring, options: RotateOptions): Promise<void> {
  if (keys.length < 2) throw new RotationError('The database has had only one master key');
  await changeRing(options, async (ring, now, { audit }) => {
    await auditKey(keys.at(-1)!.id, 'seals anew', audit);
    return { ...ring, resealing: ring.resealing ?? { since: now } };
  });
}

async function carryOn(options: RotateOptions): Promise<Rotated> {
  const { masterKey, tellProgress: tell } = options;
  const { next } = await currentRing(options);
  if (next !== undefined) {
    const without = (row: KeyHolderRow) => !row.key_ids.split(' ').includes(next.id);
    await waitForServers(without, `does not have the key ${shortKeyId(next.id)}`, options);
    await switchTo(next.id, options);
  }
  const { keys } = await currentRing(options);
  if (!masterKey.adopt(keys)) throw new RotationError(otherThan({ keys }, masterKey));
  const [from, to] = [keys.at(-2)!.id, keys.at(-1)!.id];
  const isBehind = ({ seals_with: key }: KeyHolderRow) => key !== to;
  await waitForServers(isBehind, `does not seal with ${shortKeyId(to)} yet`, options);
  const sealed = await resealAll({ ...options, tell });
  await changeRing(options, async ({ resealing: _resealing, ...ended }, _now, { audit }) => {
    await auditKey(to, 'alone', audit);
    return ended;
  });
  return { from, to, sealed };
}

/** From now on the new key seals. It opens the older ones, so whoever has it has all of them. */
async function switchTo(id: string, options: RotateOptions): Promise<void> {
  const { masterKey, source } = options;
  // Nothing is sealed with a key that may be nowhere but in the memory of processes.
  if (!new MasterKey(await givenNow(source)).given.includes(id)) {
    throw new RotationError(
      `The next master key, ${shortKeyId(id)}, is not among those that the settings give; give it again, ` +
        'or begin anew: simwright key rotate --cancel',
    );
  }
  await changeRing(options, async (ring, now, { tables, audit }) => {
    if (ring.next?.id !== id) return ring;
    const next = masterKey.with(id);
    const older = ring.keys.map((key) => ({
      ...key,
      until: key.until ?? now,
      sealed: next.sealKey(key.id),
    }));
    await tables.settings.set(KEY_CHECK, next.seal(KEY_CHECK, KEY_CHECK));
    await auditKey(id, 'seals', audit);
    const { next: _next, ...others } = ring;
    return {
      ...others,
      keys: [...older, { id, since: now, until: null, sealed: null }],
      resealing: { since: now },
    };
  });
}

const auditKey = (id: string, master_key: string, audit: Unit['audit']) =>
  audit(OF_SERVER, { subject: shortKeyId(id), after: { master_key } });

/** One process at a time. */
async function changeRing(
  { transact, masterKey }: Pick<RotateOptions, 'transact' | 'masterKey'>,
  change: (ring: Ring, now: string, unit: Unit) => Promise<Ring>,
): Promise<void> {
  await transact(async (unit) => {
    const { tables } = unit;
    const { settings } = tables;
    // Whoever else writes it waits here. How far a rotation was, is that of its key, and of no other.
    await settings.set(LOCK, '');
    const ring = ringOf(await readRing(finder(tables)), masterKey);
    const changed = await change(ring, tables.now().toISOString(), unit);
    if (changed !== ring) await settings.set(RING, JSON.stringify(changed));
  });
}

/** @param isWaitedFor whether a server that says this is not ready yet. Throws `RotationError` if one is not in time. */
async function waitForServers(
  isWaitedFor: (row: KeyHolderRow) => boolean,
  why: string,
  options: RotateOptions,
): Promise<void> {
  const { store, patienceMs, signal, tellWaiting } = options;
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const rows = (await liveHolders(store)).filter(isWaitedFor);
    const whom = [
      ...rows.map(({ process: name }) => `${name} ${why}`),
      ...(await unableToFollow(options)),
    ];
    if (whom.length === 0) return;
    tellWaiting(whom);
    if (performance.now() > deadline) {
      throw new RotationError(
        `These servers are not ready:\n${whom.map((one) => `  - ${one}`).join('\n')}\n` +
          'See to them, and run the command again: it goes on from here',
      );
    }
    await sleep(LOOK_MS, undefined, signal === undefined ? {} : { signal });
  }
}

/** Servers of versions that know nothing of rotation. */
async function unableToFollow({ store, isServed }: RotateOptions): Promise<string[]> {
  const places = await store.placesBeforeRotation();
  const older = places.map((place) => `a server of an older version, connected from ${place}`);
  // The lock is tried last: for that moment, a server could not start.
  const isSilent = store.kind === 'sqlite' && (await liveHolders(store)).length === 0 && isServed();
  return isSilent ? ['a server that does not say which master keys it has'] : older;
}
