// X.509 certificates of the GSMA PKI (§4.5, RFC 5280, SGP.14): parsed from the bytes, which are kept. Parsing checks
// only the format; certificate-chain.ts checks the rest.
import type { KeyObject } from 'node:crypto';
import {
  readBitStringOctets,
  readInteger,
  readIntegerBytes,
  readOid,
  readTime,
} from './der-values.ts';
import { DerError } from './der-error.ts';
import { DerReader, readDer, type Tlv } from './der.ts';
import { readExtensions, type Extensions } from './certificate-extensions.ts';
import { findCurve, verifyPoint, type CurveName } from './curve.ts';
import { readName, type Name } from './distinguished-name.ts';
import { ID_EC_PUBLIC_KEY, createKeyOfSpki } from './public-key.ts';
import { VerifyError } from './verify-error.ts';

export const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2'; // RFC 5758 §3.2

export interface Certificate {
  /** The whole certificate, and the part that its issuer signed. */
  readonly der: Uint8Array;
  readonly tbs: Uint8Array;
  /** Upper-case hexadecimal digits of the INTEGER's bytes. */
  readonly serialNumberHex: string;
  readonly issuer: Name;
  readonly subject: Name;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly curve: CurveName;
  /** 04 ‖ X ‖ Y, a point of the curve. */
  readonly publicKeyPoint: Uint8Array;
  readonly publicKey: KeyObject;
  readonly extensions: Extensions;
  /** DER of ECDSA-Sig-Value. */
  readonly signature: Uint8Array;
}

/**
 * Parses a certificate. Throws `DerError` for bytes that are not one, and `VerifyError` for a key or a signature
 * algorithm not used in RSP.
 */
export function parseCertificate(der: Uint8Array): Certificate {
  const whole = readDer(der);
  if (whole.tag !== 0x30) throw new DerError('expected a Certificate', 0);
  const reader = DerReader.inside(whole);
  const tbs = reader.expect(0x30, 'tbsCertificate');
  const algorithm = reader.expect(0x30, 'signatureAlgorithm');
  const signature = readBitStringOctets(reader.expect(0x03, 'signatureValue'));
  reader.finish();

  const fields = DerReader.inside(tbs);
  const version = readInteger(readExplicit(fields.expect(0xa0, 'version')));
  if (version !== 2) throw new DerError('expected an X.509 v3 certificate', tbs.offset);
  const serialNumber = readIntegerBytes(fields.expect(0x02, 'serialNumber'));
  const innerAlgorithm = fields.expect(0x30, 'signature');
  const issuer = readName(fields.expect(0x30, 'issuer'));
  const validity = DerReader.inside(fields.expect(0x30, 'validity'));
  const notBefore = readTime(validity.next());
  const notAfter = readTime(validity.next());
  validity.finish();
  const subject = readName(fields.expect(0x30, 'subject'));
  const key = readSubjectPublicKeyInfo(fields.expect(0x30, 'subjectPublicKeyInfo'));
  const extensions = readExtensions(readExplicit(fields.expect(0xa3, 'extensions')));
  fields.finish();

  // RFC 5280 §4.1.1.2: both name the same algorithm.
  if (Buffer.compare(algorithm.der, innerAlgorithm.der) !== 0) {
    throw new DerError('signatureAlgorithm differs from the signed one', algorithm.offset);
  }
  verifySignatureAlgorithm(algorithm);
  return {
    der,
    tbs: tbs.der,
    serialNumberHex: Buffer.from(serialNumber).toString('hex').toUpperCase(),
    issuer,
    subject,
    notBefore,
    notAfter,
    ...key,
    extensions,
    signature,
  };
}

/** Refuses every AlgorithmIdentifier but, by default, ecdsa-with-SHA256 (§2.6.7.2). @returns its OID */
export function verifySignatureAlgorithm(
  algorithm: Tlv,
  accepted: readonly string[] = [ECDSA_WITH_SHA256],
): string {
  const oid = readOid(DerReader.inside(algorithm).expect(0x06, 'algorithm'));
  if (accepted.includes(oid)) return oid;
  const expected = accepted.length === 1 ? 'ECDSA with SHA-256' : 'one of ECDSA and RSA with SHA-2';
  throw new VerifyError('key', 'algorithm', `signature algorithm ${oid} is not ${expected}`);
}

/** The one TLV within an EXPLICIT tag. */
export function readExplicit(tlv: Tlv): Tlv {
  const reader = DerReader.inside(tlv);
  const inner = reader.next();
  reader.finish();
  return inner;
}

/** A key of a curve of RSP. Throws `DerError`, and `VerifyError` for another. */
export function readSubjectPublicKeyInfo(
  tlv: Tlv,
): Pick<Certificate, 'curve' | 'publicKeyPoint' | 'publicKey'> {
  const reader = DerReader.inside(tlv);
  const algorithm = DerReader.inside(reader.expect(0x30, 'algorithm'));
  const keyType = readOid(algorithm.expect(0x06, 'algorithm'));
  const parameters = algorithm.next();
  const publicKeyPoint = readBitStringOctets(reader.expect(0x03, 'subjectPublicKey'));
  reader.finish();
  // RFC 5480 §2.1.1.1: a named curve, never explicit parameters.
  const curveOid = parameters.tag === 0x06 ? readOid(parameters) : 'explicit parameters';
  const curve = findCurve(curveOid);
  if (keyType !== ID_EC_PUBLIC_KEY || curve === undefined) {
    throw new VerifyError('key', 'curve', `${keyType} with ${curveOid} is not a key type of RSP`);
  }
  verifyPoint(curve, publicKeyPoint);
  return { curve, publicKeyPoint, publicKey: createKeyOfSpki(tlv.der) };
}
