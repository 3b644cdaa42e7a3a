// The file of the master key, and those of keys that were replaced.
import { randomBytes } from 'node:crypto';
import {
  accessSync,
  chownSync,
  constants,
  existsSync,
  linkSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { MASTER_KEYS, MasterKey, newMasterKey, SealError, shortKeyId } from './keys.ts';
import type { KeyPlace } from './keys.ts';
import { fileError, makeFolder, syncFolder, syncNames } from './private-files.ts';

/** Reads the key from `file`, or creates it there, readable by its owner only. Throws `FileError`, `SealError`. */
export function loadMasterKey(file: string): MasterKey {
  try {
    makeFolder(dirname(file));
    if (existsSync(file)) syncNames(dirname(file));
    else makeKeyFile(file);
  } catch (error) {
    throw fileError(`The master key ${file} can be neither read nor created`, error);
  }
  return new MasterKey(keysIn(file, 'can be neither read nor created'), placeOf(file));
}

/** Removes a file that was created for a database which proved to have another key. Throws `FileError`, `SealError`. */
export function forgetKeyFile(file: string, { id }: MasterKey): void {
  if (readMasterKey(file).id === id) unlinkSync(file);
}

/** Reads the key from a file that exists. Throws `FileError`, `SealError`. */
export function readMasterKey(file: string): MasterKey {
  return new MasterKey(keysIn(file), placeOf(file));
}

/** The keys in a file, whose other lines begin with #. Throws `FileError`, `SealError`. */
export function keysIn(file: string, problem = 'cannot be read'): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw fileError(`The master key ${file} ${problem}`, error);
  }
  const keys = text.replaceAll(/^\s*#.*$/gm, '').trim();
  if (MASTER_KEYS.test(keys)) return keys;
  throw new SealError(`${file} does not contain a master key: expected 64 hexadecimal digits`);
}

const placeOf = (file: string): KeyPlace => ({
  given: () => keysIn(file),
  kept: () =>
    readdirSync(dirname(file))
      .filter((name) => KEPT.test(name) && name.startsWith(`${basename(file)}.`))
      .flatMap((name) => keptIn(join(dirname(file), name))),
});

/** Nothing if it has no key or cannot be read: then it is not the file of one that was kept, and the others are. */
function keptIn(file: string): string[] {
  try {
    return [keysIn(file)];
  } catch {
    return [];
  }
}

const KEPT = /\.[0-9a-f]{8}$/;
/** Where a key is kept that was replaced. */
export const keptFile = (file: string, short: string) => `${file}.${short}`;

/** Of several processes that start at once, one creates the file, and none sees it half-written. */
function makeKeyFile(file: string): void {
  const draft = draftOf(file);
  writeFileSync(draft, `${newMasterKey()}\n`, { flag: 'wx', mode: 0o600, flush: true });
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    unlinkSync(draft);
  }
  syncFolder(dirname(file));
}

/** @returns why the file is not one that this process may replace; undefined: it may */
export function whyNotOurs(file: string): string | undefined {
  try {
    if (lstatSync(file).isSymbolicLink()) return 'it is a link';
    accessSync(file, constants.W_OK);
    accessSync(dirname(file), constants.W_OK);
    return isMounted(file) ? 'it is mounted by itself, so it cannot be replaced' : undefined;
  } catch (error) {
    const { message } = fileError('it cannot be written', error);
    return message;
  }
}

/** Whether it is on another mount than its folder, as single files of containers are: a link shows it, also on one file system. */
function isMounted(file: string): boolean {
  const draft = draftOf(file);
  try {
    linkSync(file, draft);
    unlinkSync(draft);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EXDEV';
  }
  return false;
}

/** Adds a new key to the file. Throws `FileError`, `SealError`. */
export function addKey(file: string): void {
  replace(file, [...keysIn(file).split(/[\s,]+/), newMasterKey()]);
}

/**
 * Takes a key out of the file. Throws `FileError`, `SealError`.
 * @param about what is written beside the key into a file of its own; undefined: it is kept nowhere
 */
export function retireKey(
  file: string,
  { id, text }: { id: string; text: string },
  about: readonly string[] | undefined,
): void {
  if (about !== undefined) {
    const lines = [...about.map((line) => `# ${line}`), text];
    writeNew(keptFile(file, shortKeyId(id)), lines, file);
  }
  const left = keysIn(file)
    .split(/[\s,]+/)
    .filter((hex) => hex.toLowerCase() !== text.toLowerCase());
  if (left.length > 0) replace(file, left);
}

const replace = (file: string, lines: readonly string[]) => writeNew(file, lines, file);

/** The whole file or none of it, with the owner of another one, readable by nobody else. */
function writeNew(file: string, lines: readonly string[], like: string): void {
  const draft = draftOf(file);
  try {
    writeFileSync(draft, `${lines.join('\n')}\n`, { flag: 'wx', mode: 0o600, flush: true });
    try {
      const { uid, gid } = statSync(like);
      const own = statSync(draft);
      if (own.uid !== uid || own.gid !== gid) chownSync(draft, uid, gid);
      renameSync(draft, file);
    } catch (error) {
      unlinkSync(draft);
      throw error;
    }
    syncFolder(dirname(file));
  } catch (error) {
    throw fileError(`${file} cannot be written`, error);
  }
}

const draftOf = (file: string) => `${file}.${randomBytes(8).toString('hex')}.new`;
