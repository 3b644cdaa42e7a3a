// Certificate revocation lists of a CI (§4.5.2.2, RFC 5280 §5): parsed, verified, looked up.
import { verify } from 'node:crypto';
import { readExplicit, verifySignatureAlgorithm, type Certificate } from './certificate.ts';
import { readCrlEntries, SerialNumbers } from './crl-entries.ts';
import { readCrlExtensions, type CrlExtensions, type CrlScope } from './crl-extensions.ts';
import { isSameName, readName, type Name } from './distinguished-name.ts';
import { DerError } from './der-error.ts';
import { readBitStringOctets, readInteger, readTime } from './der-values.ts';
import { DerReader, readDer } from './der.ts';
import { VerifyError } from './verify-error.ts';

export interface Crl {
  readonly tbs: Uint8Array;
  readonly issuer: Name;
  readonly thisUpdate: Date;
  readonly nextUpdate?: Date;
  readonly scope: CrlScope;
  /** RFC 5280 §5.2.3: rises with every CRL of the same scope. */
  readonly number?: bigint;
  /** Of the key that has signed it. */
  readonly authorityKeyIdentifier?: Uint8Array;
  /** Serial numbers, as in `Certificate.serialNumberHex`, of certificates issued by the CI. */
  readonly revoked: SerialNumbers;
  /** Certificates of other issuers, in an indirect CRL. */
  readonly revokedOfOthers: readonly { readonly issuer: Name; readonly serialNumberHex: string }[];
  /** Reasons why the CRL cannot be relied on. */
  readonly unusable: readonly string[];
  /** OID */
  readonly signatureAlgorithm: string;
  readonly signature: Uint8Array;
}

/** What tells who has signed a CRL. */
export type SignedCrl = Pick<
  Crl,
  'tbs' | 'issuer' | 'authorityKeyIdentifier' | 'signatureAlgorithm' | 'signature'
>;

declare const verified: unique symbol;
/** A CRL that has passed `verifyCrl`. */
export type VerifiedCrl = Crl & { readonly [verified]: true; readonly ciPKId: Uint8Array };

/**
 * Parses a CertificateList. Throws `DerError`, and `VerifyError` for another signature algorithm.
 * @param algorithms the OIDs that are accepted; by default those of RSP
 * @param check is given it before its entries are read: those that strangers choose may take seconds
 */
export function parseCrl(
  der: Uint8Array,
  algorithms?: readonly string[],
  check?: (crl: SignedCrl) => void,
): Crl {
  const whole = readDer(der);
  if (whole.tag !== 0x30) throw new DerError('expected a CertificateList', 0);
  const reader = DerReader.inside(whole);
  const tbs = reader.expect(0x30, 'tbsCertList');
  const algorithm = reader.expect(0x30, 'signatureAlgorithm');
  const signatureAlgorithm = verifySignatureAlgorithm(algorithm, algorithms);
  const signature = readBitStringOctets(reader.expect(0x03, 'signatureValue'));
  reader.finish();

  const fields = DerReader.inside(tbs);
  const version = fields.nextIf(0x02);
  if (version !== undefined && readInteger(version) !== 1) {
    throw new DerError('expected an X.509 v2 CRL', version.offset);
  }
  // RFC 5280 §5.1.1.2: both name the same algorithm.
  if (
    verifySignatureAlgorithm(fields.expect(0x30, 'signature'), algorithms) !== signatureAlgorithm
  ) {
    throw new DerError('signatureAlgorithm differs from the signed one', algorithm.offset);
  }
  const issuer = readName(fields.expect(0x30, 'issuer'));
  const thisUpdate = readTime(fields.next());
  const hasNextUpdate = fields.peekTag() === 0x17 || fields.peekTag() === 0x18;
  const nextUpdate = hasNextUpdate ? readTime(fields.next()) : undefined;
  const revokedCertificates = fields.nextIf(0x30);
  const extensions = fields.nextIf(0xa0);
  fields.finish();

  const { unusable, ...read }: CrlExtensions =
    extensions === undefined
      ? { scope: '', unusable: [] }
      : readCrlExtensions(readExplicit(extensions));
  check?.({ tbs: tbs.der, issuer, ...read, signatureAlgorithm, signature });
  const entries =
    revokedCertificates === undefined
      ? { revoked: SerialNumbers.none, revokedOfOthers: [], unusable: [] }
      : readCrlEntries(revokedCertificates, issuer);
  return {
    tbs: tbs.der,
    issuer,
    thisUpdate,
    ...(nextUpdate === undefined ? {} : { nextUpdate }),
    ...read,
    revoked: entries.revoked,
    revokedOfOthers: entries.revokedOfOthers,
    unusable: [...unusable, ...entries.unusable],
    signatureAlgorithm,
    signature,
  };
}

/** Throws `VerifyError` for a CRL that the CI did not sign, that cannot be used, or that is not current. */
export function verifyCrl(crl: Crl, ci: Certificate, now: Date): VerifiedCrl {
  return verifyContents(crl, verifySigner(crl, ci), now);
}

/**
 * The rest of `verifyCrl`.
 * @param ciPKId of the CI that has signed it
 */
export function verifyContents(crl: Crl, ciPKId: Uint8Array, now: Date): VerifiedCrl {
  if (crl.unusable.length > 0) {
    throw new VerifyError('crl', 'critical-extension', crl.unusable.join('; '));
  }
  if (now < crl.thisUpdate || isOutdated(crl, now)) {
    throw new VerifyError('crl', 'crl-not-current', 'the CRL is not current');
  }
  return { ...crl, ciPKId } as VerifiedCrl;
}

/**
 * Throws `VerifyError` for a CRL that the CI did not sign.
 * @returns the SubjectKeyIdentifier of the CI
 */
export function verifySigner(crl: SignedCrl, ci: Certificate): Uint8Array {
  const { subjectKeyIdentifier, keyUsage } = ci.extensions;
  // RFC 5280 §6.3.3 (f): the issuer must be allowed to sign CRLs.
  if (
    !isSameName(crl.issuer, ci.subject) ||
    !keyUsage?.includes('cRLSign') ||
    subjectKeyIdentifier === undefined ||
    // RFC 5280 §5.2.1: if it says with which key it was signed, that is the key of this CI.
    (crl.authorityKeyIdentifier !== undefined &&
      Buffer.compare(crl.authorityKeyIdentifier, subjectKeyIdentifier) !== 0)
  ) {
    throw new VerifyError('crl', 'crl-issuer', 'the CRL is not from this CI');
  }
  if (!isSignedBy(crl, ci)) {
    throw new VerifyError('crl', 'signature', 'the CRL was not signed by its CI');
  }
  return subjectKeyIdentifier;
}

/** Whether a CI's key signed a CRL; checks nothing else. */
export function isSignedBy({ tbs, signature }: SignedCrl, { publicKey }: Certificate): boolean {
  return verify('sha256', tbs, { key: publicKey, dsaEncoding: 'der' }, signature);
}

/** Whether a newer one should exist by now. */
export function isOutdated({ nextUpdate }: Pick<Crl, 'nextUpdate'>, now: Date): boolean {
  return nextUpdate !== undefined && now > nextUpdate;
}

/** Whether a CRL comes from the CI that issued a certificate. CIs may share a name and differ by key. */
export function isOfIssuer(crl: VerifiedCrl, { issuer, extensions }: Certificate): boolean {
  const { authorityKeyIdentifier } = extensions;
  return (
    isSameName(crl.issuer, issuer) &&
    (authorityKeyIdentifier === undefined ||
      Buffer.compare(authorityKeyIdentifier, crl.ciPKId) === 0)
  );
}

/** Whether a certificate is listed on a CRL of its issuer, or on an indirect one. */
export function isRevoked(certificate: Certificate, crls: readonly VerifiedCrl[]): boolean {
  const { serialNumberHex } = certificate;
  return crls.some(
    (crl) =>
      (crl.revoked.has(serialNumberHex) && isOfIssuer(crl, certificate)) ||
      crl.revokedOfOthers.some(
        (other) =>
          other.serialNumberHex === serialNumberHex && isSameName(other.issuer, certificate.issuer),
      ),
  );
}
