// ClientHellos built byte by byte, and those of OpenSSL.
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { connect } from 'node:tls';

export interface HelloParts {
  legacyVersion?: number;
  versions?: number[];
  serverName?: string;
  groups?: number[];
  signatureAlgorithms?: number[];
  certificateSignatureAlgorithms?: number[];
  /** DER of names. */
  authorities?: Uint8Array[];
  /** IdentifierType and identifier, RFC 6066 §6. */
  trustedCaKeys?: [type: number, identifier: Uint8Array][];
  /** Bytes of padding (RFC 7685). */
  padding?: number;
}

const u8 = (value: number) => Buffer.of(value);
const u16 = (value: number) => Buffer.of(value >> 8, value & 0xff);
const u24 = (value: number) => Buffer.of(value >> 16, (value >> 8) & 0xff, value & 0xff);
const vector = (length: (value: number) => Buffer, ...parts: Uint8Array[]) => {
  const contents = Buffer.concat(parts);
  return Buffer.concat([length(contents.length), contents]);
};
const numbers = (length: (value: number) => Buffer, values: number[]) =>
  vector(length, ...values.map(u16));

/** A handshake message. */
export function clientHello(parts: HelloParts): Buffer {
  const { authorities, trustedCaKeys, serverName, padding } = parts;
  const given: [number, Buffer | undefined][] = [
    [
      0,
      serverName === undefined
        ? undefined
        : vector(u16, u8(0), vector(u16, Buffer.from(serverName))),
    ],
    [3, trustedCaKeys && vector(u16, ...trustedCaKeys.flatMap(([type, id]) => [u8(type), id]))],
    [10, parts.groups && numbers(u16, parts.groups)],
    [13, parts.signatureAlgorithms && numbers(u16, parts.signatureAlgorithms)],
    [21, padding === undefined ? undefined : Buffer.alloc(padding)],
    [43, parts.versions && numbers(u8, parts.versions)],
    [47, authorities && vector(u16, ...authorities.map((name) => vector(u16, name)))],
    [
      50,
      parts.certificateSignatureAlgorithms && numbers(u16, parts.certificateSignatureAlgorithms),
    ],
  ];
  const extensions = given.flatMap(([type, contents]) =>
    contents === undefined ? [] : [u16(type), vector(u16, contents)],
  );
  const body = [
    u16(parts.legacyVersion ?? 0x0303),
    Buffer.alloc(32, 7),
    vector(u8),
    numbers(u16, [0x1301, 0xc02b]),
    vector(u8, u8(0)),
    ...(extensions.length === 0 ? [] : [vector(u16, ...extensions)]),
  ];
  return Buffer.concat([u8(1), vector(u24, ...body)]);
}

/** A name as in x509_name of trusted_ca_keys. */
export function x509Name(der: Uint8Array): Buffer {
  return vector(u16, der);
}

/** Records of at most `size` bytes. */
export function toRecords(message: Uint8Array, size = 16_384): Buffer {
  const records: Buffer[] = [];
  for (let at = 0; at < message.length; at += size) {
    records.push(Buffer.of(22, 3, 1), vector(u16, message.subarray(at, at + size)));
  }
  return Buffer.concat(records);
}

/** The ClientHello of node:tls with these options. */
export async function openSslHello(options: ConnectionOptions): Promise<Buffer> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect({ ...options, port: (server.address() as AddressInfo).port });
  client.on('error', () => {});
  const [socket] = await once(server, 'connection');
  const [bytes] = await once(socket, 'data');
  client.destroy();
  socket.destroy();
  server.close();
  return bytes as Buffer;
}
