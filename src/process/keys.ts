// The master key: seals what must stay unreadable in a stolen database (AES-256-GCM). While it is rotated there are several of
// them: all open, one seals. docs/keys.md says how.
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';

const NONCE = 12;
const TAG = 16;

/** One master key, or, while it is rotated, several, with spaces, commas or lines between them. */
export const MASTER_KEYS = /^[0-9a-fA-F]{64}([\s,]+[0-9a-fA-F]{64})*$/;
/** How much of its id names a key, also in front of what it has sealed. */
const SHORT = 8;
const MARK = '.';
/** Files are not read again more often for a key that is not known. */
const SEARCH_AGAIN_MS = 1_000;

/** The setting of a database that proves which master key it belongs to: its own name, sealed. */
export const KEY_CHECK = 'master_key_check';
export const OTHER_KEY =
  'The database was created with another master key; ' +
  'set SIMWRIGHT_MASTER_KEY or SIMWRIGHT_MASTER_KEY_FILE to that one';

/** A sealed text cannot be opened: wrong key, wrong place, or modified. */
export class SealError extends Error {
  override name = 'SealError';
}

/** A key of a database, oldest first; the last one seals. */
export interface RingKey {
  id: string;
  /** Since when it seals, and until when it did. */
  since: string | null;
  until: string | null;
  /** The key itself, sealed with the last one; null: this is the last one. */
  sealed: string | null;
}

/** Where keys that are not known may be found. */
export interface KeyPlace {
  /** All that the settings give, as they are now. Throws `FileError`, `SealError`. */
  given(): string;
  /** Those that were kept when they were replaced. */
  kept(): string[];
}

interface Key {
  id: string;
  bytes: Buffer;
}

export const newMasterKey = () => randomBytes(32).toString('hex');
/** How people, and sealed texts, name a key. */
export const shortKeyId = (id: string) => id.slice(0, SHORT);

export class MasterKey {
  readonly #place: KeyPlace | undefined;
  readonly #keys = new Map<string, Key>();
  /** By the settings. */
  #given: string[] = [];
  /** What it has sealed has no mark: it is older than rotation. */
  #first: Key;
  #current: Key;
  #searchAgainAt = -Infinity;
  /** What is thrown for a key that this process does not have. */
  missing = (short: string): Error =>
    new SealError(`It is sealed with the master key ${short}, which is not here`);

  /** @param text keys of 32 bytes, each as 64 hexadecimal digits; the first one seals until `adopt` */
  constructor(text: string, place?: KeyPlace) {
    this.#place = place;
    this.give(text);
    this.#first = this.#current = this.#keys.get(this.#given[0]!)!;
  }

  /** What the settings have now. Those of before go on opening. Throws `SealError`. */
  give(text: string): void {
    if (!MASTER_KEYS.test(text.trim())) {
      throw new SealError('The master key must be 32 bytes as 64 hexadecimal digits');
    }
    this.#given = text
      .trim()
      .split(/[\s,]+/)
      .map((hex) => this.#add(hex));
  }

  /** Makes the keys of a database those that open and seal. @returns false if the one that seals is not here */
  adopt(ring: readonly RingKey[]): boolean {
    const current = this.#find(shortKeyId(ring.at(-1)!.id));
    if (current?.id !== ring.at(-1)!.id) return false;
    const before = this.#current;
    this.#current = current;
    try {
      for (const { id, sealed } of ring) {
        if (sealed !== null) this.#add(this.open(sealed, ringPlace(id)));
      }
    } catch (error) {
      this.#current = before;
      throw error;
    }
    this.#first = this.#keys.get(shortKeyId(ring[0]!.id)) ?? current;
    return true;
  }

  /** As `adopt`, for a database that has had only one key. @returns false if none that is here opens its proof */
  adoptFirst(check: string): boolean {
    const [first, current] = [this.#first, this.#current];
    for (const key of this.#candidates()) {
      this.#first = this.#current = key;
      if (this.#opens(check, KEY_CHECK)) return true;
    }
    [this.#first, this.#current] = [first, current];
    return false;
  }

  /** Another key as the one that seals, as in a database that is about to get it. Throws `SealError`. */
  with(id: string): MasterKey {
    const key = this.#find(shortKeyId(id));
    if (key?.id !== id) throw this.missing(shortKeyId(id));
    const other = new MasterKey(key.bytes.toString('hex'));
    for (const one of this.#keys.values()) other.#keys.set(shortKeyId(one.id), one);
    other.#first = this.#first;
    return other;
  }

  /** For the ring of a database whose current key is this one. */
  sealKey(id: string): string {
    return this.seal(this.#keys.get(shortKeyId(id))!.bytes.toString('hex'), ringPlace(id));
  }

  /** Tells the one that seals from others without revealing anything of it. */
  get id(): string {
    return this.#current.id;
  }

  /** Of those that the settings give. */
  get given(): string[] {
    return this.#given.map((short) => this.#keys.get(short)!.id);
  }

  /** Of all, the one that seals first. */
  get ids(): string[] {
    const others = [...this.#keys.values()].filter((key) => key !== this.#current);
    return [this.#current, ...others].map(({ id }) => id);
  }

  /** Finds also those that were kept when they were replaced, of which a database would have told. */
  findKept(): void {
    this.#search();
  }

  /** Whether it is here, or is found now. */
  has(id: string): boolean {
    return this.#find(shortKeyId(id))?.id === id;
  }

  /** In hexadecimal digits. */
  text(id: string): string {
    return this.#keys.get(shortKeyId(id))!.bytes.toString('hex');
  }

  /** `place` names the row that the text belongs to; a sealed text moved to another row does not open. */
  seal(plaintext: string, place: string): string {
    const nonce = randomBytes(NONCE);
    const cipher = createCipheriv('aes-256-gcm', this.#current.bytes, nonce).setAAD(
      Buffer.from(place),
    );
    const sealed = [nonce, cipher.update(plaintext, 'utf8'), cipher.final(), cipher.getAuthTag()];
    return `${this.mark}${Buffer.concat(sealed).toString('base64')}`;
  }

  /** Throws `SealError`, or what `missing` makes. */
  open(sealed: string, place: string): string {
    const short = markOf(sealed);
    const key = short === undefined ? this.#first : this.#find(short);
    if (key === undefined) throw this.missing(short!);
    const bytes = Buffer.from(short === undefined ? sealed : sealed.slice(SHORT + 1), 'base64');
    try {
      const decipher = createDecipheriv('aes-256-gcm', key.bytes, bytes.subarray(0, NONCE))
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

  /** What begins everything that is sealed now; empty for the first key of a database. */
  get mark(): string {
    return this.#current === this.#first ? '' : `${shortKeyId(this.#current.id)}${MARK}`;
  }

  /** Whether the key that seals now has sealed it. */
  isCurrent(sealed: string): boolean {
    return (markOf(sealed) ?? shortKeyId(this.#first.id)) === shortKeyId(this.#current.id);
  }

  /** The key that has sealed it, as people name it. */
  nameOf(sealed: string): string {
    return markOf(sealed) ?? shortKeyId(this.#first.id);
  }

  /**
   * A keyed hash: identifies a text without revealing it, and without the key nobody can test guesses.
   * @param like one that was made before: then the key is the same, so that the two can be compared
   */
  fingerprint(text: string, like?: string): string {
    const short = like === undefined ? undefined : markOf(like);
    if (like !== undefined && short === undefined) return this.lastingFingerprint(text);
    const key = (short === undefined ? undefined : this.#find(short)) ?? this.#current;
    const digest = createHmac('sha256', key.bytes).update(text).digest('hex');
    return key === this.#first ? digest : `${shortKeyId(key.id)}${MARK}${digest}`;
  }

  /** One that stays the same when the key is rotated. */
  lastingFingerprint(text: string): string {
    return createHmac('sha256', this.#first.bytes).update(text).digest('hex');
  }

  /**
   * A key for one purpose, the same on every node and after every restart.
   * @param id of the master key that it is made from; by default, the one that seals
   */
  derive(purpose: string, size: number, id = this.#current.id): Uint8Array {
    const key = this.#find(shortKeyId(id));
    if (key === undefined) throw this.missing(shortKeyId(id));
    return new Uint8Array(hkdfSync('sha256', key.bytes, '', `simwright ${purpose}`, size));
  }

  /** The key that derives what was derived when no other was named; null: the first one. */
  get derivingId(): string | null {
    return this.#current === this.#first ? null : this.#current.id;
  }

  get firstId(): string {
    return this.#first.id;
  }

  /** @returns its short id */
  #add(hex: string): string {
    const bytes = Buffer.from(hex, 'hex');
    const id = idOf(bytes);
    const short = shortKeyId(id);
    const known = this.#keys.get(short);
    if (known !== undefined && known.id !== id) {
      throw new SealError(`Two master keys have ids that begin with ${short}; make another one`);
    }
    if (known === undefined) this.#keys.set(short, { id, bytes });
    return short;
  }

  #find(short: string): Key | undefined {
    if (!this.#keys.has(short)) this.#search();
    return this.#keys.get(short);
  }

  /** Those that the settings give, then what else is found. */
  *#candidates(): Iterable<Key> {
    for (const short of this.#given) yield this.#keys.get(short)!;
    this.#search();
    yield* this.#keys.values();
  }

  /** Reads again what the settings give, and what was kept. */
  #search(): void {
    if (this.#place === undefined || performance.now() < this.#searchAgainAt) return;
    this.#searchAgainAt = performance.now() + SEARCH_AGAIN_MS;
    try {
      this.give(this.#place.given());
      for (const hex of this.#place.kept()) this.#add(hex);
    } catch {
      // Somebody is changing them.
    }
  }

  #opens(sealed: string, place: string): boolean {
    try {
      this.open(sealed, place);
      return true;
    } catch {
      return false;
    }
  }
}

const ringPlace = (id: string) => `master key ${id}`;

function markOf(sealed: string): string | undefined {
  return sealed.charAt(SHORT) === MARK ? sealed.slice(0, SHORT) : undefined;
}

function idOf(bytes: Buffer): string {
  return createHmac('sha256', bytes).update('master key').digest('hex').slice(0, 32);
}
