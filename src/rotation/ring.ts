// Which master keys a database has had, and whether it is about to get another one: one of its settings. Without it, the database
// has had only one.
import { KEY_CHECK, OTHER_KEY, shortKeyId } from '../process/keys.ts';
import type { MasterKey, RingKey } from '../process/keys.ts';
import { StoreMismatch } from '../store/errors.ts';

/** The setting. */
export const RING = 'master_keys';

export interface Ring {
  /** Oldest first; the last one seals. */
  keys: RingKey[];
  /** The key that is to seal once every server has it. */
  next?: { id: string; since: string };
  /** What older keys have sealed is being sealed with the last one. */
  resealing?: { since: string };
}

type FindSetting = (name: string) => Promise<string | undefined>;

export const parseRing = (text: string): Ring => JSON.parse(text) as Ring;

export async function readRing(find: FindSetting): Promise<Ring | undefined> {
  const text = await find(RING);
  return text === undefined ? undefined : parseRing(text);
}

/**
 * Makes the master key that of a database. Throws `StoreMismatch` if none that is here is.
 * @returns what the database knows of its keys; undefined: it has had one at most
 */
export async function adoptRing(
  masterKey: MasterKey,
  find: FindSetting,
): Promise<Ring | undefined> {
  const [check, ring] = [await find(KEY_CHECK), await readRing(find)];
  if (check === undefined) return undefined;
  if (ring === undefined || ring.keys.length < 2) {
    if (!masterKey.adoptFirst(check)) throw new StoreMismatch(OTHER_KEY);
    return ring;
  }
  if (!masterKey.adopt(ring.keys)) throw new StoreMismatch(otherThan(ring, masterKey));
  return ring;
}

export function otherThan({ keys }: Pick<Ring, 'keys'>, masterKey: MasterKey): string {
  const { id, since } = keys.at(-1)!;
  const have = masterKey.given.map(shortKeyId).join(' and ');
  return (
    `The database has the master key ${shortKeyId(id)} since ${since}, and this process has ${have}; ` +
    'give it that one by SIMWRIGHT_MASTER_KEY, _FILE or _COMMAND'
  );
}

/** The keys of a database that has had only one. */
export const ringOf = (ring: Ring | undefined, masterKey: MasterKey): Ring =>
  ring ?? { keys: [{ id: masterKey.id, since: null, until: null, sealed: null }] };
