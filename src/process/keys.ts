// The master key: seals what must stay unreadable in a stolen database (AES-256-GCM).
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { existsSync, linkSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileError, makeFolder, syncFolder, syncNames } from './private-files.ts';

const NONCE = 12;
const TAG = 16;

/** One master key, or, while it is rotated, several, with spaces, commas or lines between them. */
export const MASTER_KEYS = /^[0-9a-fA-F]{64}([\s,]+[0-9a-fA-F]{64})*$/;

/** The setting of a database that proves which master key it belongs to: its own name, sealed. */
export const KEY_CHECK = 'master_key_check';
export const OTHER_KEY =
  'The database was created with another master key; ' +
  'set SIMWRIGHT_MASTER_KEY or SIMWRIGHT_MASTER_KEY_FILE to that one';

/** A sealed text cannot be opened: wrong key, wrong place, or modified. */
export class SealError extends Error {
  override name = 'SealError';
}

export class MasterKey {
  readonly #key: Buffer;

  /** @param hex 32 bytes as 64 hexadecimal digits */
  constructor(hex: string) {
    if (!/^[0-9a-fA-F]{64}$/.test(hex)) {
      throw new SealError('The master key must be 32 bytes as 64 hexadecimal digits');
    }
    this.#key = Buffer.from(hex, 'hex');
  }

  /** `place` names the row that the text belongs to; a sealed text moved to another row does not open. */
  seal(plaintext: string, place: string): string {
    const nonce = randomBytes(NONCE);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(Buffer.from(place));
    const sealed = [nonce, cipher.update(plaintext, 'utf8'), cipher.final(), cipher.getAuthTag()];
    return Buffer.concat(sealed).toString('base64');
  }

  /** A keyed hash: identifies a text without revealing it, and without the key nobody can test guesses. */
  fingerprint(text: string): string {
    return createHmac('sha256', this.#key).update(text).digest('hex');
  }

  /** Tells it from other keys without revealing anything of it. */
  get id(): string {
    return this.fingerprint('master key').slice(0, 32);
  }

  /** A key for one purpose, the same on every node and after every restart. */
  derive(purpose: string, size: number): Uint8Array {
    return new Uint8Array(hkdfSync('sha256', this.#key, '', `simwright ${purpose}`, size));
  }

  /** Throws `SealError`. */
  open(sealed: string, place: string): string {
    const bytes = Buffer.from(sealed, 'base64');
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, NONCE))
        .setAAD(Buffer.from(place))
        .setAuthTag(bytes.subarray(-TAG));
      return (
        decipher.update(bytes.subarray(NONCE, -TAG), undefined, 'utf8') + decipher.final('utf8')
      );
    } catch (cause) {
      throw new SealError(`The secret sealed for ${place} does not open with this master key`, {
        cause,
      });
    }
  }
}

/** Reads the key from `file`, or creates it there, readable by its owner only. Throws `FileError`, `SealError`. */
export function loadMasterKey(file: string): MasterKey {
  return readFrom(file, 'can be neither read nor created', () => {
    makeFolder(dirname(file));
    if (existsSync(file)) syncNames(dirname(file));
    else makeKeyFile(file);
  });
}

/** Reads the key from a file that exists. Throws `FileError`, `SealError`. */
export function readMasterKey(file: string): MasterKey {
  return readFrom(file, 'cannot be read');
}

function readFrom(file: string, problem: string, prepare?: () => void): MasterKey {
  let hex: string;
  try {
    prepare?.();
    hex = readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw fileError(`The master key ${file} ${problem}`, error);
  }
  if (/^[0-9a-fA-F]{64}$/.test(hex)) return new MasterKey(hex);
  throw new SealError(`${file} does not contain a master key: expected 64 hexadecimal digits`);
}

/** Of several processes that start at once, one creates the file, and none sees it half-written. */
function makeKeyFile(file: string): void {
  const draft = `${file}.${randomBytes(8).toString('hex')}`;
  const key = `${randomBytes(32).toString('hex')}\n`;
  writeFileSync(draft, key, { flag: 'wx', mode: 0o600, flush: true });
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    unlinkSync(draft);
  }
  syncFolder(dirname(file));
}
