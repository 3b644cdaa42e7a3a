// Certificate revocation lists of a CI (§4.5.2.2, RFC 5280 §5): parsed, verified, looked up.
import { verify } from 'node:crypto';
import { readExplicit, verifySignatureAlgorithm, type Certificate } from './certificate.ts';
import { eachExtension } from './certificate-extensions.ts';
import { isSameName, readName, type Name } from './distinguished-name.ts';
import { DerError } from './der-error.ts';
import { readBitStringOctets, readInteger, readIntegerBytes, readTime } from './der-values.ts';
import { DerReader, readDer, type Tlv } from './der.ts';
import { VerifyError } from './verify-error.ts';

/** Critical extensions that do not change what a listed serial number means. */
const understood = new Set([
  '2.5.29.20', // cRLNumber
  '2.5.29.28', // issuingDistributionPoint
  '2.23.146.1.2.0.1', // id-rsp-expDate
  '2.23.146.1.2.0.2', // id-rsp-totalPartialCrlNumber
  '2.23.146.1.2.0.3', // id-rsp-partialCrlNumber
]);

export interface Crl {
  readonly tbs: Uint8Array;
  readonly issuer: Name;
  readonly thisUpdate: Date;
  readonly nextUpdate?: Date;
  /** Serial numbers as `Certificate.serialNumberHex` has them. */
  readonly revoked: ReadonlySet<string>;
  readonly unknownCritical: readonly string[];
  readonly signature: Uint8Array;
}

declare const verified: unique symbol;
/** A CRL that `verifyCrl` has passed. */
export type VerifiedCrl = Crl & { readonly [verified]: true };

/** Parses a CertificateList. Throws `DerError`, and `VerifyError` for another signature algorithm. */
export function parseCrl(der: Uint8Array): Crl {
  const whole = readDer(der);
  if (whole.tag !== 0x30) throw new DerError('expected a CertificateList', 0);
  const reader = DerReader.inside(whole);
  const tbs = reader.expect(0x30, 'tbsCertList');
  verifySignatureAlgorithm(reader.expect(0x30, 'signatureAlgorithm'));
  const signature = readBitStringOctets(reader.expect(0x03, 'signatureValue'));
  reader.finish();

  const fields = DerReader.inside(tbs);
  const version = fields.nextIf(0x02);
  if (version !== undefined && readInteger(version) !== 1) {
    throw new DerError('expected an X.509 v2 CRL', version.offset);
  }
  verifySignatureAlgorithm(fields.expect(0x30, 'signature'));
  const issuer = readName(fields.expect(0x30, 'issuer'));
  const thisUpdate = readTime(fields.next());
  const hasNextUpdate = fields.peekTag() === 0x17 || fields.peekTag() === 0x18;
  const nextUpdate = hasNextUpdate ? readTime(fields.next()) : undefined;
  const revokedCertificates = fields.nextIf(0x30);
  const extensions = fields.nextIf(0xa0);
  fields.finish();

  return {
    tbs: tbs.der,
    issuer,
    thisUpdate,
    ...(nextUpdate === undefined ? {} : { nextUpdate }),
    revoked: revokedCertificates === undefined ? new Set() : readRevoked(revokedCertificates),
    unknownCritical: extensions === undefined ? [] : readUnknownCritical(readExplicit(extensions)),
    signature,
  };
}

function readRevoked(tlv: Tlv): Set<string> {
  const revoked = new Set<string>();
  for (const entries = DerReader.inside(tlv); !entries.isAtEnd;) {
    const entry = DerReader.inside(entries.expect(0x30, 'revokedCertificate'));
    const serialNumber = readIntegerBytes(entry.expect(0x02, 'userCertificate'));
    revoked.add(Buffer.from(serialNumber).toString('hex').toUpperCase());
  }
  return revoked;
}

function readUnknownCritical(tlv: Tlv): string[] {
  return [...eachExtension(tlv)]
    .filter(({ oid, isCritical }) => isCritical && !understood.has(oid))
    .map(({ oid }) => oid);
}

/** Refuses with `VerifyError` a CRL that the CI did not sign, or that is not current. */
export function verifyCrl(crl: Crl, ci: Certificate, now: Date): VerifiedCrl {
  // RFC 5280 §6.3.3 (f): the issuer may sign CRLs.
  if (!isSameName(crl.issuer, ci.subject) || !ci.extensions.keyUsage?.includes('cRLSign')) {
    throw new VerifyError('crl', 'crl-issuer', 'the CRL is not of this CI');
  }
  if (!verify('sha256', crl.tbs, { key: ci.publicKey, dsaEncoding: 'der' }, crl.signature)) {
    throw new VerifyError('crl', 'signature', 'the CRL was not signed by its CI');
  }
  if (crl.unknownCritical.length > 0) {
    const oids = crl.unknownCritical.join(', ');
    throw new VerifyError('crl', 'critical-extension', `critical CRL extension ${oids}`);
  }
  if (now < crl.thisUpdate || (crl.nextUpdate !== undefined && now > crl.nextUpdate)) {
    throw new VerifyError('crl', 'crl-not-current', 'the CRL is not current');
  }
  return crl as VerifiedCrl;
}

/** Whether a certificate is on one of the CRLs of its issuer. */
export function isRevoked(certificate: Certificate, crls: readonly VerifiedCrl[]): boolean {
  return crls.some(
    (crl) =>
      crl.revoked.has(certificate.serialNumberHex) && isSameName(crl.issuer, certificate.issuer),
  );
}
