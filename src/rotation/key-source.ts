// Where the settings have the master keys from, and whether that is ours to change.
import { addKey, keptFile, keysIn, retireKey, whyNotOurs } from '../process/key-file.ts';
import { shortKeyId } from '../process/keys.ts';
import type { MasterKey } from '../process/keys.ts';
import { secretFrom } from '../process/secret-source.ts';
import type { Ring } from './ring.ts';
import { RotationError } from './rotation-error.ts';

export interface KeySettings {
  /** The keys themselves, or what a command has printed. */
  text: string | undefined;
  command: string | undefined;
  /** Otherwise. */
  file: string;
}

/** What the settings give now. Throws `FileError`, `SealError`, `SecretError`. */
export async function givenNow({ text, command, file }: KeySettings): Promise<string> {
  if (command !== undefined)
    return secretFrom('SIMWRIGHT_MASTER_KEY', { kind: 'command', command });
  return text ?? keysIn(file);
}

/**
 * The id of the key that is to seal next: one that the settings give already, or else one that is made now in their file.
 * Throws `RotationError` if it can be neither.
 * @returns undefined: all that is left to do is to take a key that was replaced out of the settings
 */
export async function nextKey(
  ring: Ring,
  masterKey: MasterKey,
  source: KeySettings,
): Promise<string | undefined> {
  const had = new Set(ring.keys.map(({ id }) => id));
  const others = () => masterKey.given.filter((id) => !had.has(id));
  if (others().length === 0) {
    if (masterKey.given.some((id) => id !== masterKey.id)) return undefined;
    const why = whyFixed(source);
    if (why !== undefined) throw new RotationError(howToGive(masterKey, why));
    addKey(source.file);
    masterKey.give(await givenNow(source));
  }
  const [next, ...more] = others();
  if (more.length === 0) return next!;
  throw new RotationError(
    `The settings give several new master keys: ${others().map(shortKeyId).join(', ')}. Leave the present one, ` +
      `${shortKeyId(masterKey.id)}, and the one that is to come`,
  );
}

function whyFixed({ text, command, file }: KeySettings): string | undefined {
  if (command !== undefined) return 'a command prints the master key';
  if (text !== undefined) return 'SIMWRIGHT_MASTER_KEY is set';
  const why = whyNotOurs(file);
  return why === undefined ? undefined : `${file} is not ours to change: ${why}`;
}

const howToGive = (masterKey: MasterKey, why: string) =>
  `A new master key cannot be made here, since ${why}. Make one (openssl rand -hex 32), let the settings of all servers ` +
  `give both, the present one (${shortKeyId(masterKey.id)}) and the new one, with a space or a line end between them, ` +
  'and run this again. Servers read a file and ask a command again by themselves; for a value, restart them one by one';

export interface Retired {
  /** Files in which keys are kept that were replaced. */
  keptIn: string[];
  /** Keys that the settings still give, although nothing needs them. */
  leftOver: string[];
}

/** Takes the keys that were replaced out of the settings, where these are ours. @param isKept whether each gets a file of its own */
export function retire(
  ring: Ring,
  masterKey: MasterKey,
  source: KeySettings,
  { isKept }: { isKept: boolean },
): Retired {
  const retired = ring.keys.slice(0, -1).filter(({ id }) => masterKey.given.includes(id));
  if (whyFixed(source) !== undefined) {
    return { keptIn: [], leftOver: retired.map(({ id }) => id) };
  }
  const keptIn = retired.flatMap(({ id, since, until }) => {
    const about = [
      `The master key ${id} of Simwright.`,
      `It was replaced at ${until}${since === null ? '' : `, and in use since ${since}`}. Backups made until then need it.`,
    ];
    retireKey(source.file, { id, text: masterKey.text(id) }, isKept ? about : undefined);
    return isKept ? [keptFile(source.file, shortKeyId(id))] : [];
  });
  return { keptIn, leftOver: [] };
}

/** Takes a key that did not come to seal out of the settings, where these are ours. */
export function withdraw(id: string, masterKey: MasterKey, source: KeySettings): void {
  if (whyFixed(source) !== undefined || !masterKey.given.includes(id)) return;
  retireKey(source.file, { id, text: masterKey.text(id) }, undefined);
}
