// Issues certificates for a test PKI, as required by §4.5 and SGP.14, or deliberately wrong ones for tests.
import { createHash, sign, type KeyObject } from 'node:crypto';
import { ECDSA_WITH_SHA256, type Certificate } from './certificate.ts';
import { extensionOids, keyUsages, type KeyUsage } from './certificate-extensions.ts';
import { encodeName, type NameAttribute } from './distinguished-name.ts';
import {
  encodeBitsContents,
  encodeIntegerContents,
  encodeOidContents,
  encodeUnsignedContents,
  encodeUtf8,
} from './der-values.ts';
import { encodeTlv } from './der.ts';
import { pointOf } from './public-key.ts';

/** The contents of a certificate. The SubjectKeyIdentifier is computed from the key. */
export interface CertificateContents {
  /** Big-endian, at most 20 bytes. */
  readonly serialNumber: Uint8Array;
  readonly subject: readonly NameAttribute[];
  readonly publicKey: KeyObject;
  readonly notBefore: Date;
  readonly notAfter: Date;
  readonly keyUsage?: readonly KeyUsage[];
  readonly certificatePolicies?: readonly string[];
  readonly certificatePoliciesCritical?: boolean;
  readonly extendedKeyUsage?: readonly string[];
  readonly basicConstraints?: { readonly cA: boolean; readonly pathLenConstraint?: number };
  readonly dNSName?: readonly string[];
  /** IPv4, as text. */
  readonly iPAddress?: readonly string[];
  readonly registeredID?: readonly string[];
  readonly permittedSubtrees?: readonly (readonly NameAttribute[])[];
  readonly permittedEins?: readonly string[];
  readonly cRLDistributionPoints?: readonly string[];
  /** OIDs of unknown critical extensions to add, with the value NULL. */
  readonly unknownCritical?: readonly string[];
}

/** The issuer: its certificate, or none for a root, and its private key. */
export interface Issuer {
  readonly certificate?: Pick<Certificate, 'subject' | 'extensions'>;
  readonly privateKey: KeyObject;
}

/** The DER of a certificate. */
export function issueCertificate(contents: CertificateContents, issuer: Issuer): Uint8Array {
  const subject = encodeName(contents.subject);
  const point = pointOf(contents.publicKey);
  const tbs = encodeTlv(
    0x30,
    encodeTlv(0xa0, encodeTlv(0x02, encodeIntegerContents(2))), // v3
    encodeTlv(0x02, encodeUnsignedContents(contents.serialNumber)),
    ecdsaWithSha256,
    issuer.certificate?.subject.der ?? subject,
    encodeTlv(0x30, encodeTime(contents.notBefore), encodeTime(contents.notAfter)),
    subject,
    contents.publicKey.export({ format: 'der', type: 'spki' }),
    encodeTlv(0xa3, encodeTlv(0x30, ...encodeExtensions(contents, point, issuer))),
  );
  return signedSequence(tbs, issuer.privateKey);
}

/** What a certificate is requested for. */
export type RequestContents = Omit<CertificateContents, 'serialNumber' | 'notBefore' | 'notAfter'>;

/** CertificationRequestInfo (RFC 2986 §4.1), which is to be signed: with the extensions as an extensionRequest (RFC 2985 §5.4.2). */
export function certificateRequestInfo(contents: RequestContents): Uint8Array {
  const extensions = encodeExtensions(contents, pointOf(contents.publicKey));
  return encodeTlv(
    0x30,
    encodeTlv(0x02, encodeIntegerContents(0)), // v1
    encodeName(contents.subject),
    contents.publicKey.export({ format: 'der', type: 'spki' }),
    encodeTlv(
      0xa0,
      encodeTlv(0x30, oidTlv(EXTENSION_REQUEST), encodeTlv(0x31, encodeTlv(0x30, ...extensions))),
    ),
  );
}

/** CertificationRequest of an info and its signature, r ‖ s. */
export function certificateRequest(info: Uint8Array, signature: Uint8Array): Uint8Array {
  const half = signature.length / 2;
  const numbers = [signature.subarray(0, half), signature.subarray(half)];
  const value = encodeTlv(
    0x30,
    ...numbers.map((number) => encodeTlv(0x02, encodeUnsignedContents(number))),
  );
  return encodeTlv(0x30, info, ecdsaWithSha256, encodeTlv(0x03, Uint8Array.of(0), value));
}

const EXTENSION_REQUEST = '1.2.840.113549.1.9.14';

/** RFC 5280 §4.2.1.2 (1): SHA-1 of the public key's bits. */
export function keyIdentifierOf(point: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha1').update(point).digest());
}

function encodeExtensions(
  contents: RequestContents,
  point: Uint8Array,
  issuer?: Issuer,
): Uint8Array[] {
  const extensions: Uint8Array[] = [];
  const add = (oid: string, isCritical: boolean, value: Uint8Array): void => {
    extensions.push(encodeExtension(oid, isCritical, value));
  };
  const issuerKeyIdentifier = issuer?.certificate?.extensions.subjectKeyIdentifier;
  if (issuerKeyIdentifier !== undefined) {
    const value = encodeTlv(0x30, encodeTlv(0x80, issuerKeyIdentifier));
    add(extensionOids.authorityKeyIdentifier, false, value);
  }
  add(extensionOids.subjectKeyIdentifier, false, encodeTlv(0x04, keyIdentifierOf(point)));
  if (contents.keyUsage !== undefined) {
    const bits = contents.keyUsage.map((usage) => keyUsages.indexOf(usage));
    add(extensionOids.keyUsage, true, encodeTlv(0x03, encodeBitsContents(bits)));
  }
  if (contents.certificatePolicies !== undefined) {
    const policies = contents.certificatePolicies.map((oid) => encodeTlv(0x30, oidTlv(oid)));
    const isCritical = contents.certificatePoliciesCritical ?? true;
    add(extensionOids.certificatePolicies, isCritical, encodeTlv(0x30, ...policies));
  }
  if (contents.extendedKeyUsage !== undefined) {
    const purposes = contents.extendedKeyUsage.map(oidTlv);
    add(extensionOids.extendedKeyUsage, true, encodeTlv(0x30, ...purposes));
  }
  const names = [
    ...(contents.dNSName ?? []).map((name) => encodeTlv(0x82, encodeUtf8(name))),
    ...(contents.iPAddress ?? []).map((address) =>
      encodeTlv(0x87, Uint8Array.from(address.split('.'), Number)),
    ),
    ...(contents.registeredID ?? []).map((oid) => encodeTlv(0x88, encodeOidContents(oid))),
  ];
  if (names.length > 0) add(extensionOids.subjectAltName, false, encodeTlv(0x30, ...names));
  if (contents.basicConstraints !== undefined) {
    const { cA, pathLenConstraint } = contents.basicConstraints;
    const fields = cA ? [encodeTlv(0x01, Uint8Array.of(0xff))] : [];
    if (pathLenConstraint !== undefined) {
      fields.push(encodeTlv(0x02, encodeIntegerContents(pathLenConstraint)));
    }
    add(extensionOids.basicConstraints, true, encodeTlv(0x30, ...fields));
  }
  if (contents.permittedSubtrees !== undefined) {
    const subtrees = contents.permittedSubtrees.map((name) =>
      encodeTlv(0x30, encodeTlv(0xa4, encodeName(name))),
    );
    add(extensionOids.nameConstraints, true, encodeTlv(0x30, encodeTlv(0xa0, ...subtrees)));
  }
  if (contents.permittedEins !== undefined) {
    const eins = contents.permittedEins.map((ein) => encodeTlv(0x13, encodeUtf8(ein)));
    add(extensionOids.permittedEins, true, encodeTlv(0x30, ...eins));
  }
  if (contents.cRLDistributionPoints !== undefined) {
    const points = contents.cRLDistributionPoints.map((uri) =>
      encodeTlv(0x30, encodeTlv(0xa0, encodeTlv(0xa0, encodeTlv(0x86, encodeUtf8(uri))))),
    );
    add(extensionOids.cRLDistributionPoints, false, encodeTlv(0x30, ...points));
  }
  for (const oid of contents.unknownCritical ?? []) add(oid, true, encodeTlv(0x05));
  return extensions;
}

/** An extension of a CRL or of one of its entries. */
export interface ExtensionContents {
  readonly oid: string;
  readonly isCritical?: boolean;
  /** DER */
  readonly value: Uint8Array;
}

export interface RevokedContents {
  readonly serialNumberHex: string;
  readonly revocationDate: Date;
  readonly extensions?: readonly ExtensionContents[];
}

/** The contents of a CRL. */
export interface CrlContents {
  readonly thisUpdate: Date;
  readonly nextUpdate?: Date;
  readonly revoked?: readonly RevokedContents[];
  readonly crlNumber?: number;
  readonly extensions?: readonly ExtensionContents[];
  readonly unknownCritical?: readonly string[];
}

/** The DER of a CRL, v2 (RFC 5280 §5.1). */
export function issueCrl(contents: CrlContents, issuer: Required<Issuer>): Uint8Array {
  const revoked = (contents.revoked ?? []).map(
    ({ serialNumberHex, revocationDate, extensions: ofEntry = [] }) =>
      encodeTlv(
        0x30,
        encodeTlv(0x02, Buffer.from(serialNumberHex, 'hex')),
        encodeTime(revocationDate),
        ...(ofEntry.length === 0 ? [] : [encodeTlv(0x30, ...ofEntry.map(toExtension))]),
      ),
  );
  const extensions = [
    ...(contents.unknownCritical ?? []).map((oid) => encodeExtension(oid, true, encodeTlv(0x05))),
    ...(contents.extensions ?? []).map(toExtension),
  ];
  if (contents.crlNumber !== undefined) {
    const value = encodeTlv(0x02, encodeIntegerContents(contents.crlNumber));
    extensions.push(encodeExtension('2.5.29.20', false, value));
  }
  const tbs = encodeTlv(
    0x30,
    encodeTlv(0x02, encodeIntegerContents(1)), // v2
    ecdsaWithSha256,
    issuer.certificate.subject.der,
    encodeTime(contents.thisUpdate),
    ...(contents.nextUpdate === undefined ? [] : [encodeTime(contents.nextUpdate)]),
    ...(revoked.length === 0 ? [] : [encodeTlv(0x30, ...revoked)]), // absent when empty
    ...(extensions.length === 0 ? [] : [encodeTlv(0xa0, encodeTlv(0x30, ...extensions))]),
  );
  return signedSequence(tbs, issuer.privateKey);
}

const ecdsaWithSha256 = encodeTlv(0x30, oidTlv(ECDSA_WITH_SHA256));

function signedSequence(tbs: Uint8Array, privateKey: KeyObject): Uint8Array {
  const signature = sign('sha256', tbs, { key: privateKey, dsaEncoding: 'der' });
  return encodeTlv(0x30, tbs, ecdsaWithSha256, encodeTlv(0x03, Uint8Array.of(0), signature));
}

function toExtension({ oid, isCritical = false, value }: ExtensionContents): Uint8Array {
  return encodeExtension(oid, isCritical, value);
}

function encodeExtension(oid: string, isCritical: boolean, value: Uint8Array): Uint8Array {
  const critical = isCritical ? [encodeTlv(0x01, Uint8Array.of(0xff))] : [];
  return encodeTlv(0x30, oidTlv(oid), ...critical, encodeTlv(0x04, value));
}

function oidTlv(oid: string): Uint8Array {
  return encodeTlv(0x06, encodeOidContents(oid));
}

/** RFC 5280 §4.1.2.5: UTCTime until 2049, GeneralizedTime after. */
function encodeTime(time: Date): Uint8Array {
  const digits = time.toISOString().replaceAll(/[-:T]|\.\d+/g, '');
  const year = time.getUTCFullYear();
  return year >= 1950 && year < 2050
    ? encodeTlv(0x17, encodeUtf8(digits.slice(2)))
    : encodeTlv(0x18, encodeUtf8(digits));
}
