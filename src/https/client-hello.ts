// The ClientHello of TLS 1.2 and 1.3 (RFC 5246 §7.4.1.2, RFC 8446 §4.1.2), as far as it indicates which certificates
// the client can verify. Malformed ones are left to OpenSSL to refuse.

/** Numbers as assigned by IANA; undefined if the client omitted the extension. */
export interface ClientHello {
  /** ProtocolVersions, 0x0304 for TLS 1.3. */
  readonly versions: readonly number[];
  readonly serverName: string | undefined;
  readonly groups: readonly number[] | undefined;
  readonly signatureAlgorithms: readonly number[] | undefined;
  /** For signatures within certificates, if different. */
  readonly certificateSignatureAlgorithms: readonly number[] | undefined;
  /** The CIs that the client trusts; values in upper-case hex. */
  readonly trusted: readonly TrustedCa[];
}

export interface TrustedCa {
  readonly kind: 'keySha1' | 'name' | 'certificateSha1';
  readonly hex: string;
}

/** Not a ClientHello, or a truncated or inconsistent one. */
export class ClientHelloError extends Error {
  override name = 'ClientHelloError';
}

const CLIENT_HELLO = 1;
const HOST_NAME = 0; // RFC 6066 §3
const EXTENSION = {
  serverName: 0,
  trustedCaKeys: 3, // RFC 6066 §6
  supportedGroups: 10,
  signatureAlgorithms: 13,
  supportedVersions: 43,
  certificateAuthorities: 47, // RFC 8446 §4.2.4
  signatureAlgorithmsCert: 50,
} as const;
/** RFC 6066 §6: IdentifierType. */
const TRUSTED_CA_KINDS: readonly (TrustedCa['kind'] | undefined)[] = [
  undefined,
  'keySha1',
  'name',
  'certificateSha1',
];
const SHA1_SIZE = 20;

/** @param message a complete handshake message. Throws `ClientHelloError`. */
export function parseClientHello(message: Uint8Array): ClientHello {
  const reader = new Reader(message);
  if (reader.number(1) !== CLIENT_HELLO) throw new ClientHelloError('not a ClientHello');
  const hello = reader.vector(3);
  reader.finish();
  const legacyVersion = hello.number(2);
  hello.bytes(32); // random
  hello.vector(1); // session ID
  hello.vector(2); // cipher suites
  hello.vector(1); // compression methods
  const extensions = hello.isAtEnd ? new Map<number, Reader>() : readExtensions(hello.vector(2));
  hello.finish();
  const numbers = (type: number, lengthSize: 1 | 2 = 2) => {
    const list = extensions.get(type)?.vector(lengthSize);
    return list && readAll(list, () => list.number(2));
  };
  return {
    versions: numbers(EXTENSION.supportedVersions, 1) ?? [legacyVersion],
    serverName: readServerName(extensions.get(EXTENSION.serverName)),
    groups: numbers(EXTENSION.supportedGroups),
    signatureAlgorithms: numbers(EXTENSION.signatureAlgorithms),
    certificateSignatureAlgorithms: numbers(EXTENSION.signatureAlgorithmsCert),
    trusted: [
      ...readAuthorities(extensions.get(EXTENSION.certificateAuthorities)),
      ...readTrustedCaKeys(extensions.get(EXTENSION.trustedCaKeys)),
    ],
  };
}

function readExtensions(list: Reader): Map<number, Reader> {
  const extensions = new Map<number, Reader>();
  while (!list.isAtEnd) extensions.set(list.number(2), list.vector(2));
  return extensions;
}

function readServerName(extension: Reader | undefined): string | undefined {
  const list = extension?.vector(2);
  if (list === undefined) return undefined;
  const names = readAll(list, () => ({ type: list.number(1), name: list.vector(2) }));
  return names
    .find(({ type }) => type === HOST_NAME)
    ?.name.rest()
    .toString('latin1')
    .toLowerCase();
}

function readAuthorities(extension: Reader | undefined): TrustedCa[] {
  const names = extension?.vector(2);
  if (names === undefined) return [];
  return readAll(names, () => ({ kind: 'name', hex: names.vector(2).hex() }));
}

function readTrustedCaKeys(extension: Reader | undefined): TrustedCa[] {
  const list = extension?.vector(2);
  if (list === undefined) return [];
  return readAll(list, () => {
    const type = list.number(1);
    const kind = TRUSTED_CA_KINDS[type];
    if (kind === 'name') return { kind, hex: list.vector(2).hex() };
    if (kind !== undefined) return { kind, hex: toHex(list.bytes(SHA1_SIZE)) };
    // pre_agreed has no data; the length of other types is unknown.
    if (type === 0) return undefined;
    throw new ClientHelloError(`unknown IdentifierType ${type}`);
  }).filter((trusted) => trusted !== undefined);
}

function readAll<T>(reader: Reader, read: () => T): T[] {
  const items: T[] = [];
  while (!reader.isAtEnd) items.push(read());
  return items;
}

function toHex(bytes: Buffer): string {
  return bytes.toString('hex').toUpperCase();
}

/** The presentation language of RFC 8446 §3: numbers, and vectors prefixed with their length. */
class Reader {
  readonly #bytes: Uint8Array;
  #offset: number;
  readonly #end: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#offset = start;
    this.#end = end;
  }

  get isAtEnd(): boolean {
    return this.#offset === this.#end;
  }

  number(size: 1 | 2 | 3): number {
    const start = this.#skip(size);
    let value = 0;
    for (let at = start; at < start + size; at++) value = value * 256 + this.#bytes[at]!;
    return value;
  }

  vector(lengthSize: 1 | 2 | 3): Reader {
    const length = this.number(lengthSize);
    const start = this.#skip(length);
    return new Reader(this.#bytes, start, start + length);
  }

  bytes(count: number): Buffer {
    const start = this.#skip(count);
    return Buffer.from(this.#bytes.subarray(start, start + count));
  }

  rest(): Buffer {
    return this.bytes(this.#end - this.#offset);
  }

  hex(): string {
    return toHex(this.rest());
  }

  finish(): void {
    if (!this.isAtEnd) throw new ClientHelloError('trailing bytes');
  }

  /** @returns where they begin */
  #skip(count: number): number {
    const start = this.#offset;
    if (start + count > this.#end) throw new ClientHelloError('truncated');
    this.#offset = start + count;
    return start;
  }
}
