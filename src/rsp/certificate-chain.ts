// Verification of the certificates of §4.5: CI → EUM → eUICC on the server, CI → DPauth, DPpb, DPtls on the device.
// Each broken rule throws a `VerifyError` with its own code. Of several, the first in the order of RFC 5280 §6.1.3 counts:
// signature, validity, revocation, then what the certificate is for.
import { verify } from 'node:crypto';
import type { Certificate } from './certificate.ts';
import type { KeyUsage } from './certificate-extensions.ts';
import { isOfIssuer, isOutdated, isRevoked, type VerifiedCrl } from './crl.ts';
import { formatName, isSameName } from './distinguished-name.ts';
import { findEid, isWithinEidRange } from './eid-range.ts';
import { isTlsRole, roleOids, type Role, type ServerRole } from './roles.ts';
import { VerifyError, type VerifySubject } from './verify-error.ts';

const SERVER_AUTH = '1.3.6.1.5.5.7.3.1'; // RFC 5280 §4.2.1.12

export interface VerifyOptions {
  readonly now: Date;
  /** CRLs of the CI, if any. */
  readonly crls?: readonly VerifiedCrl[];
  /** Whether to refuse a certificate if a CRL of its issuer is past nextUpdate. */
  readonly refusesOutdatedCrls?: boolean;
}

declare const verified: unique symbol;
/** An EUM certificate that has passed `verifyEum`. Callers can cache it by its bytes, as many eUICCs share it. */
export type VerifiedEum = Certificate & { readonly [verified]: 'eum'; readonly ci: Certificate };
/** An eUICC certificate that has passed `verifyEuicc`, with its EID. */
export type VerifiedEuicc = Certificate & { readonly [verified]: 'euicc'; readonly eid: string };

/** §4.5.2.1.0.0: checks that a certificate can be a root, if the operator trusts it. */
export function verifyCi(ci: Certificate, { now }: Pick<VerifyOptions, 'now'>): void {
  verifyIssued('ci', ci, ci);
  verifyDates('ci', ci, now);
  verifyPurpose('ci', ci, 'ci', 'keyCertSign');
  verifyIsCa('ci', ci);
  if (ci.extensions.subjectKeyIdentifier === undefined) {
    throw new VerifyError('ci', 'key-identifier', 'a CI certificate has a SubjectKeyIdentifier');
  }
}

/** §4.5.2.1.0.2: an EUM certificate of a trusted CI. */
export function verifyEum(eum: Certificate, ci: Certificate, options: VerifyOptions): VerifiedEum {
  verifyIssued('eum', eum, ci);
  verifyDates('ci', ci, options.now);
  verifyCurrent('eum', eum, options);
  verifyPurpose('eum', eum, 'eum', 'keyCertSign');
  verifyIsCa('eum', eum);
  // §4.5.2.1.0.2: only eUICC certificates may follow.
  if (eum.extensions.basicConstraints?.pathLenConstraint !== 0) {
    throw new VerifyError('eum', 'path-length', 'an EUM certificate has pathLenConstraint 0');
  }
  return { ...eum, ci } as VerifiedEum;
}

/**
 * §4.5.2.1.0.1: an eUICC certificate of an EUM. Checks the dates of CI and EUM, and revocation, again, because the
 * EUM may have been verified long ago.
 */
export function verifyEuicc(
  euicc: Certificate,
  eum: VerifiedEum,
  options: VerifyOptions,
): VerifiedEuicc {
  verifyDates('ci', eum.ci, options.now);
  verifyCurrent('eum', eum, options);
  verifyIssued('euicc', euicc, eum);
  verifyCurrent('euicc', euicc, options);
  verifyPurpose('euicc', euicc, 'euicc', 'digitalSignature');
  verifyIsNoCa('euicc', euicc);
  const eid = findEid(euicc);
  if (eid === undefined) {
    throw new VerifyError('euicc', 'eid', `no EID in ${formatName(euicc.subject)}`);
  }
  if (!isWithinEidRange(euicc, eum)) {
    throw new VerifyError('euicc', 'eid-range', `EID ${eid} is not in the range of its EUM`);
  }
  return { ...euicc, eid } as VerifiedEuicc;
}

/**
 * §4.5.2.1.0.3 to .7: a certificate of an SM-DP+ or SM-DS. DPpb must name the same SM-DP+ as DPauth (§5.7.5), DPtls and
 * DStls the host that was called.
 */
export function verifyServer(
  certificate: Certificate,
  role: ServerRole,
  ci: Certificate,
  options: VerifyOptions & { readonly smdpOid?: string; readonly hostName?: string },
): void {
  verifyIssued('server', certificate, ci);
  verifyDates('ci', ci, options.now);
  verifyCurrent('server', certificate, options);
  // §4.5.2.1.0.5: in a TLS certificate the policy need not be critical, but the key usages must be.
  verifyPurpose('server', certificate, role, 'digitalSignature');
  verifyIsNoCa('server', certificate);
  const { extendedKeyUsage } = certificate.extensions;
  if (isTlsRole(role) && !extendedKeyUsage?.includes(SERVER_AUTH)) {
    throw new VerifyError('server', 'extended-key-usage', 'a TLS certificate has serverAuth');
  }
  const { hostName, smdpOid } = options;
  if (hostName !== undefined && !isNamed(certificate, hostName)) {
    const names = hostNames(certificate).join(', ');
    throw new VerifyError('server', 'host-name', `${names} is not ${hostName}`);
  }
  const named = findSmdpOid(certificate);
  if (named === undefined || (smdpOid !== undefined && named !== smdpOid)) {
    throw new VerifyError(
      'server',
      'smdp-oid',
      `${named ?? 'no SM-DP+'} is not ${smdpOid ?? 'one'}`,
    );
  }
}

/** The hosts named in a TLS certificate: DNS names and addresses. */
export function hostNames({ extensions }: Certificate): string[] {
  const { dNSName, iPAddress } = extensions.subjectAltName;
  return [...dNSName.map((name) => name.toLowerCase()), ...iPAddress];
}

/** Whether a TLS certificate is for a host. */
export function isNamed(certificate: Certificate, hostName: string): boolean {
  return hostNames(certificate).includes(hostName.toLowerCase());
}

/** Whether a certificate claims a role by its policies (§4.5.2.1); its verification says whether it is right to. */
export function hasRole({ extensions }: Certificate, role: Role): boolean {
  const oids: readonly string[] = roleOids[role];
  return extensions.certificatePolicies.some((policy) => oids.includes(policy));
}

/** The OID of the SM-DP+ or SM-DS of a certificate: the registeredID of its subjectAltName. */
export function findSmdpOid(certificate: Certificate): string | undefined {
  return certificate.extensions.subjectAltName.registeredID[0];
}

/** Checks that name, key identifier, curve and signature match the issuer (RFC 5280 §6.1.3 (a)). */
function verifyIssued(subject: VerifySubject, certificate: Certificate, issuer: Certificate): void {
  if (!isSameName(certificate.issuer, issuer.subject)) {
    const names = `${formatName(certificate.issuer)}, not ${formatName(issuer.subject)}`;
    throw new VerifyError(subject, 'issuer', `issued by ${names}`);
  }
  const { authorityKeyIdentifier } = certificate.extensions;
  const { subjectKeyIdentifier } = issuer.extensions;
  const isSelfIssued = certificate === issuer;
  // §4.5.2.1: all certificates but the CI's have an AuthorityKeyIdentifier.
  if (!isSelfIssued && !isSameKeyIdentifier(authorityKeyIdentifier, subjectKeyIdentifier)) {
    throw new VerifyError(subject, 'key-identifier', 'issued with another key of its issuer');
  }
  // §4.5.1: all certificates of a chain are on one curve.
  if (certificate.curve !== issuer.curve) {
    throw new VerifyError(subject, 'curve', `${certificate.curve} under ${issuer.curve}`);
  }
  const key = { key: issuer.publicKey, dsaEncoding: 'der' as const };
  if (!verify('sha256', certificate.tbs, key, certificate.signature)) {
    throw new VerifyError(subject, 'signature', 'not signed by its issuer');
  }
}

/** Whether both are present and equal. Certificates and euiccCiPKIds refer to keys by identifier. */
export function isSameKeyIdentifier(
  one: Uint8Array | undefined,
  other: Uint8Array | undefined,
): boolean {
  return one !== undefined && other !== undefined && Buffer.compare(one, other) === 0;
}

function verifyPurpose(
  subject: VerifySubject,
  certificate: Certificate,
  role: Role,
  usage: KeyUsage,
): void {
  const { certificatePolicies, keyUsage, unknownCritical } = certificate.extensions;
  if (!hasRole(certificate, role)) {
    throw new VerifyError(
      subject,
      'role',
      `policy ${certificatePolicies.join(', ')} is not ${role}`,
    );
  }
  if (!keyUsage?.includes(usage)) {
    throw new VerifyError(subject, 'key-usage', `no ${usage} in ${keyUsage?.join(', ') ?? 'none'}`);
  }
  // RFC 5280 §4.2: reject unknown critical extensions.
  if (unknownCritical.length > 0) {
    const unknown = unknownCritical.join(', ');
    throw new VerifyError(subject, 'critical-extension', `critical extension ${unknown}`);
  }
}

function verifyIsCa(subject: VerifySubject, { extensions }: Certificate): void {
  if (extensions.basicConstraints?.cA === true) return;
  throw new VerifyError(subject, 'basic-constraints', 'not a certificate authority');
}

function verifyIsNoCa(subject: VerifySubject, { extensions }: Certificate): void {
  if (extensions.basicConstraints?.cA !== true) return;
  throw new VerifyError(subject, 'basic-constraints', 'a certificate authority');
}

function verifyCurrent(
  subject: VerifySubject,
  certificate: Certificate,
  { now, crls = [], refusesOutdatedCrls = false }: VerifyOptions,
): void {
  if (isRevoked(certificate, crls)) {
    throw new VerifyError(
      subject,
      'revoked',
      `serial number ${certificate.serialNumberHex} is revoked`,
    );
  }
  verifyDates(subject, certificate, now);
  const outdated = refusesOutdatedCrls
    ? crls.find((crl) => isOutdated(crl, now) && isOfIssuer(crl, certificate))
    : undefined;
  if (outdated === undefined) return;
  throw new VerifyError(
    subject,
    'crl-not-current',
    `the CRL of ${formatName(outdated.issuer)} has been out of date since ${timeText(outdated.nextUpdate!)}`,
  );
}

/** To the second, as dates of certificates are. */
function timeText(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

function verifyDates(
  subject: VerifySubject,
  { notBefore, notAfter }: Certificate,
  now: Date,
): void {
  if (now < notBefore) {
    throw new VerifyError(subject, 'not-yet-valid', `valid from ${timeText(notBefore)}`);
  }
  if (now > notAfter) {
    throw new VerifyError(subject, 'expired', `valid until ${timeText(notAfter)}`);
  }
}
