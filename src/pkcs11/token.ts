// A token: found by its name, logged in to, and used by several sessions at once. Runs in the module's own process.
import { createHash, createPublicKey, randomBytes, verify } from 'node:crypto';
import type { CurveName } from '../rsp/curve.ts';
import { curveOfParams, ecParams, pointsOf, spkiOfPoint } from './ec-attributes.ts';
import { HsmError } from './errors.ts';
import type { Attribute, Library } from './library.ts';
import { authenticate, logIn } from './login.ts';
import type { HsmKey, Opening, TokenInfo } from './messages.ts';
import { HASH_AT, LENGTH_AT, openSessions, SIGNATURE_AT } from './sessions.ts';
import type { Session } from './sessions.ts';
import { findSlot, initialize, moduleInfo, TOKEN_INFO_SIZE } from './slot.ts';
import type { Slot } from './slot.ts';
import { describeToken } from './uri.ts';

const CKA = {
  CLASS: 0x00,
  TOKEN: 0x01,
  PRIVATE: 0x02,
  LABEL: 0x03,
  KEY_TYPE: 0x100,
  ID: 0x102,
  SENSITIVE: 0x103,
  SIGN: 0x108,
  VERIFY: 0x10a,
  EXTRACTABLE: 0x162,
  EC_PARAMS: 0x180,
  EC_POINT: 0x181,
  ALWAYS_AUTHENTICATE: 0x202,
} as const;
const CKO = { PUBLIC_KEY: 0x02, PRIVATE_KEY: 0x03 } as const;
const CKK_EC = 0x03;
const CKM = { EC_KEY_PAIR_GEN: 0x1040, ECDSA: 0x1041 } as const;

const YES = Uint8Array.of(1);
const NO = Uint8Array.of(0);
const ROOM = new Uint8Array(512);
const SIGNATURE_SIZE = 64;
/** Of the keys in a token, or of those that might be the one looked for. */
const MOST_KEYS = 500;

interface Key {
  handle: bigint;
  /** Whether each signature needs the PIN. */
  asksAgain: boolean;
}

export class Token {
  readonly info: TokenInfo;
  readonly #library: Library;
  readonly #slot: Slot;
  readonly #pin: string | undefined;
  readonly #free: Session[];
  readonly #waiting: ((session: Session) => void)[] = [];
  /** By their SubjectPublicKeyInfo, hex. */
  readonly #keys = new Map<string, Key>();
  /** Settled once the key pair that was asked for last is made, or has failed. */
  #lastMade: Promise<unknown> = Promise.resolve();

  private constructor(
    library: Library,
    slot: Slot,
    pin: string | undefined,
    sessions: Session[],
    info: TokenInfo,
  ) {
    this.#library = library;
    this.#slot = slot;
    this.#pin = pin;
    this.#free = [...sessions];
    this.info = info;
  }

  /** Throws `HsmError`. */
  static async open(library: Library, opening: Opening): Promise<Token> {
    await initialize(library);
    const module = await moduleInfo(library);
    const slot = await findSlot(library, opening.token);
    const sessions = await openSessions(library, slot, opening);
    await logIn(library, slot, sessions[0]!, opening);
    const { name, hardware, firmware } = slot;
    const info = { module, token: name, hardware, firmware, sessions: sessions.length };
    return new Token(library, slot, opening.pin, sessions, info);
  }

  /** r ‖ s over this hash, by the private key of this public key. */
  async sign(spki: Uint8Array, digest: Uint8Array): Promise<Uint8Array> {
    const key = this.#keys.get(Buffer.from(spki).toString('hex')) ?? (await this.#find(spki));
    return this.#inSession((session) => this.#sign(session, key, digest));
  }

  async #sign({ handle, memory }: Session, key: Key, digest: Uint8Array): Promise<Uint8Array> {
    const library = this.#library;
    const { pointer, bytes } = memory;
    const at = (offset: number) => pointer + BigInt(offset);
    library.writeWord(bytes, CKM.ECDSA);
    await library.call('C_SignInit', [handle, pointer, key.handle]);
    if (key.asksAgain) await authenticate(library, { handle }, this.#pin);
    bytes.set(digest, HASH_AT);
    library.writeWord(bytes, bytes.length - SIGNATURE_AT, LENGTH_AT);
    const given = [handle, at(HASH_AT), digest.length, at(SIGNATURE_AT), at(LENGTH_AT)];
    await library.call('C_Sign', given);
    const length = library.readWord(bytes, LENGTH_AT);
    if (length !== SIGNATURE_SIZE) {
      throw new HsmError(
        'wrong',
        `C_Sign returned a signature of ${length} bytes, expected ${SIGNATURE_SIZE}`,
      );
    }
    return Uint8Array.from(bytes.subarray(SIGNATURE_AT, SIGNATURE_AT + length));
  }

  /**
   * The private key whose signatures this public key verifies. It has the CKA_ID of the public key; in a token without
   * public keys it may be any on that curve.
   */
  async #find(spki: Uint8Array): Promise<Key> {
    const publicKey = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
    const probe = randomBytes(32);
    const digest = createHash('sha256').update(probe).digest();
    let refusal: unknown;
    for await (const key of this.#candidates(spki)) {
      try {
        const signature = await this.#inSession((session) => this.#sign(session, key, digest));
        if (!verify('sha256', probe, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature))
          continue;
      } catch (error) {
        if (!(error instanceof HsmError) || error.problem !== 'wrong') throw error;
        refusal = error;
        continue;
      }
      this.#keys.set(Buffer.from(spki).toString('hex'), key);
      return key;
    }
    const where = describeToken(this.info.token);
    if (refusal !== undefined) {
      const why = (refusal as Error).message;
      throw new HsmError(
        'wrong',
        `the private key in the token with ${where} does not sign: ${why}`,
        { cause: refusal },
      );
    }
    throw new HsmError(
      'wrong',
      `expected the private key of the certificate in the token with ${where}; it has none`,
    );
  }

  async *#candidates(spki: Uint8Array): AsyncGenerator<Key> {
    const tried = new Set<bigint>();
    for (const handle of await this.#likely(spki)) {
      if (tried.has(handle)) continue;
      tried.add(handle);
      yield await this.#keyOf(handle);
    }
  }

  async #likely(spki: Uint8Array): Promise<bigint[]> {
    const byId: bigint[] = [];
    for (const point of pointsOf(spki)) {
      const publicKeys = await this.#objects(CKO.PUBLIC_KEY, [[CKA.EC_POINT, point]]);
      for (const publicKey of publicKeys) {
        const [id] = await this.#read(publicKey, [CKA.ID]);
        if (id !== undefined && id.length > 0) {
          byId.push(...(await this.#objects(CKO.PRIVATE_KEY, [[CKA.ID, id]])));
        }
      }
    }
    return byId.length > 0 ? byId : this.#objects(CKO.PRIVATE_KEY, []);
  }

  async #keyOf(handle: bigint): Promise<Key> {
    const [asksAgain] = await this.#read(handle, [CKA.ALWAYS_AUTHENTICATE]);
    return { handle, asksAgain: asksAgain?.[0] === 1 };
  }

  /** The private keys on curves of RSP. */
  async keys(): Promise<HsmKey[]> {
    const keys: HsmKey[] = [];
    for (const handle of await this.#objects(CKO.PRIVATE_KEY, [])) {
      const key = await this.#describe(handle);
      if (key !== undefined) keys.push(key);
    }
    return keys;
  }

  async #describe(handle: bigint): Promise<HsmKey | undefined> {
    const { LABEL, ID, EC_PARAMS, EXTRACTABLE, SIGN } = CKA;
    const [label, id, params, extractable, signing] = await this.#read(handle, [
      LABEL,
      ID,
      EC_PARAMS,
      EXTRACTABLE,
      SIGN,
    ]);
    const ofId =
      id === undefined || id.length === 0
        ? []
        : await this.#objects(CKO.PUBLIC_KEY, [[CKA.ID, id]]);
    const [point, publicParams] =
      ofId[0] === undefined ? [] : await this.#read(ofId[0], [CKA.EC_POINT, CKA.EC_PARAMS]);
    const curve = curveOfParams(params ?? publicParams ?? new Uint8Array());
    if (curve === undefined) return undefined;
    return {
      label: Buffer.from(label ?? []).toString('utf8'),
      idHex: Buffer.from(id ?? []).toString('hex'),
      curve,
      spki: point && spkiOfPoint(curve, point),
      isExtractable: extractable?.[0] === 1,
      isSigning: signing?.[0] !== 0,
    };
  }

  /** A key pair that stays in the token. One is made at a time: SoftHSM 2.6.1 fails at times when several are. */
  generate(label: string, curve: CurveName): Promise<HsmKey> {
    const made = this.#lastMade.then(() => this.#generate(label, curve));
    this.#lastMade = made.catch(() => {});
    return made;
  }

  async #generate(label: string, curve: CurveName): Promise<HsmKey> {
    const library = this.#library;
    const id = randomBytes(16);
    const named: Attribute[] = [
      [CKA.TOKEN, YES],
      [CKA.LABEL, Buffer.from(label)],
      [CKA.ID, id],
    ];
    const forPublic = library.template([
      ...named,
      [CKA.EC_PARAMS, ecParams(curve)],
      [CKA.VERIFY, YES],
    ]);
    const forPrivate = library.template([
      ...named,
      [CKA.PRIVATE, YES],
      [CKA.SENSITIVE, YES],
      [CKA.EXTRACTABLE, NO],
      [CKA.SIGN, YES],
    ]);
    const mechanism = library.mechanism(CKM.EC_KEY_PAIR_GEN);
    const handles = library.memory(2 * library.word);
    try {
      await this.#inSession(({ handle }) =>
        library.call('C_GenerateKeyPair', [
          handle,
          mechanism.pointer,
          forPublic.pointer,
          forPublic.count,
          forPrivate.pointer,
          forPrivate.count,
          handles.pointer,
          handles.pointer + BigInt(library.word),
        ]),
      );
      const made = await this.#describe(library.readHandle(handles.bytes, library.word));
      if (made === undefined)
        throw new HsmError('wrong', `the token made a key that is not on ${curve}`);
      return made;
    } finally {
      for (const memory of [forPublic, forPrivate, mechanism, handles]) memory.free();
    }
  }

  /** Throws unless the token is there and the sessions live. */
  async ping(): Promise<void> {
    const library = this.#library;
    const memory = library.memory(TOKEN_INFO_SIZE);
    try {
      await library.call('C_GetTokenInfo', [this.#slot.id, memory.pointer]);
      await this.#inSession(({ handle }) =>
        library.call('C_GetSessionInfo', [handle, memory.pointer]),
      );
    } finally {
      memory.free();
    }
  }

  async #objects(objectClass: number, attributes: readonly Attribute[]): Promise<bigint[]> {
    const library = this.#library;
    const template = library.template([
      [CKA.CLASS, library.wordBytes(objectClass)],
      [CKA.KEY_TYPE, library.wordBytes(CKK_EC)],
      ...attributes,
    ]);
    const found = library.memory((MOST_KEYS + 1) * library.word);
    const countAt = MOST_KEYS * library.word;
    try {
      return await this.#inSession(async ({ handle }) => {
        await library.call('C_FindObjectsInit', [handle, template.pointer, template.count]);
        const handles: bigint[] = [];
        // Some modules give fewer at a time than there is room for.
        for (;;) {
          const given = [handle, found.pointer, MOST_KEYS, found.pointer + BigInt(countAt)];
          await library.call('C_FindObjects', given);
          const count = library.readWord(found.bytes, countAt);
          for (let i = 0; i < count; i += 1)
            handles.push(library.readHandle(found.bytes, i * library.word));
          if (count === 0 || handles.length >= MOST_KEYS) break;
        }
        await library.call('C_FindObjectsFinal', [handle]);
        return handles.slice(0, MOST_KEYS);
      });
    } finally {
      template.free();
      found.free();
    }
  }

  /** Values, each undefined if the token does not show it. */
  async #read(object: bigint, types: readonly number[]): Promise<(Uint8Array | undefined)[]> {
    const library = this.#library;
    const template = library.template(types.map((type) => [type, ROOM]));
    try {
      await this.#inSession(({ handle }) =>
        library.call(
          'C_GetAttributeValue',
          [handle, object, template.pointer, template.count],
          ['CKR_ATTRIBUTE_TYPE_INVALID', 'CKR_BUFFER_TOO_SMALL'],
        ),
      );
      return types.map((_type, index) => template.value(index));
    } finally {
      template.free();
    }
  }

  async #inSession<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const session =
      this.#free.pop() ?? (await new Promise<Session>((resolve) => this.#waiting.push(resolve)));
    try {
      return await work(session);
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free.push(session);
      else next(session);
    }
  }

  async close(): Promise<void> {
    await this.#library.call('C_Finalize', [null]);
  }
}
