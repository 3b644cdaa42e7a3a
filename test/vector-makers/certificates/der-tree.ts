// DER taken apart, changed and put together again, right or wrong, and signed anew.
import { DerReader, encodeTlv, readDer, type Tlv } from '../../../src/rsp/der.ts';
import { encodeOidContents } from '../../../src/rsp/der-values.ts';
import type { NameAttribute } from '../../../src/rsp/distinguished-name.ts';
import type { KeyPair } from './keys.ts';

export interface DerNode {
  tag: number;
  /** Of a primitive. */
  contents: Uint8Array;
  /** Of a constructed one. */
  children: DerNode[];
}

export function node(tag: number, ...contents: (DerNode | Uint8Array)[]): DerNode {
  const bytes = contents.map((part) => (part instanceof Uint8Array ? part : encodeNode(part)));
  return toNode(readDer(encodeTlv(tag, ...bytes)));
}

export const parseNode = (der: Uint8Array): DerNode => toNode(readDer(der));

const CONSTRUCTED = 0x20;

function toNode(tlv: Tlv): DerNode {
  const children: DerNode[] = [];
  if ((tlv.tag & CONSTRUCTED) !== 0) {
    for (const reader = DerReader.inside(tlv); !reader.isAtEnd;)
      children.push(toNode(reader.next()));
  }
  return { tag: tlv.tag, contents: tlv.contents, children };
}

export function encodeNode({ tag, contents, children }: DerNode): Uint8Array {
  const isConstructed = (tag & CONSTRUCTED) !== 0;
  return isConstructed ? encodeTlv(tag, ...children.map(encodeNode)) : encodeTlv(tag, contents);
}

export interface Signed {
  /** tbsCertificate or tbsCertList */
  tbs: DerNode;
  algorithm: DerNode;
  signature: Uint8Array;
}

/** A certificate or CRL, changed in what is signed, and signed. */
export function signedAnew(
  der: Uint8Array,
  { sign }: Pick<KeyPair, 'sign'>,
  change: (signed: Omit<Signed, 'signature'>) => void = () => undefined,
): Uint8Array {
  const [tbs, algorithm] = parseNode(der).children as [DerNode, DerNode, DerNode];
  const signed = { tbs, algorithm };
  change(signed);
  return encodeSigned({ ...signed, signature: sign(encodeNode(signed.tbs)) });
}

/** Changed after it was signed. */
export function changed(der: Uint8Array, change: (signed: Signed) => void): Uint8Array {
  const [tbs, algorithm, bits] = parseNode(der).children as [DerNode, DerNode, DerNode];
  const signed = { tbs, algorithm, signature: bits.contents.subarray(1) };
  change(signed);
  return encodeSigned(signed);
}

function encodeSigned({ tbs, algorithm, signature }: Signed): Uint8Array {
  const bits = encodeTlv(0x03, Uint8Array.of(0), signature);
  return encodeTlv(0x30, encodeNode(tbs), encodeNode(algorithm), bits);
}

/** The fields of a tbsCertificate, by their place. */
export const FIELD = {
  version: 0,
  serialNumber: 1,
  signature: 2,
  issuer: 3,
  validity: 4,
  subject: 5,
  subjectPublicKeyInfo: 6,
  extensions: 7,
} as const;

/** The Extension nodes of a tbsCertificate. */
export function extensionsOf(tbs: DerNode): DerNode[] {
  return tbs.children[FIELD.extensions]!.children[0]!.children;
}

/** A name whose attributes are all UTF8String. */
export function nodeOfName(attributes: readonly NameAttribute[]): DerNode {
  return node(
    0x30,
    ...attributes.map(({ type, value }) => {
      const text = encodeTlv(0x0c, Buffer.from(value));
      return node(0x31, node(0x30, encodeTlv(0x06, encodeOidContents(type)), text));
    }),
  );
}

/** With another last byte. */
export function lastAs(bytes: Uint8Array, last: (byte: number) => number): Uint8Array {
  return bytes.with(bytes.length - 1, last(bytes.at(-1)!));
}
