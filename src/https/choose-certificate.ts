// Chooses a DPtls certificate for a client (§2.6.6) by its ClientHello. OpenSSL cannot choose by itself, because it
// holds only one EC key, whatever the curve.
import { createHash } from 'node:crypto';
import type { Certificate } from '../rsp/certificate.ts';
import { hostNames } from '../rsp/certificate-chain.ts';
import { tlsCurves, X25519 } from '../rsp/tls-curve.ts';
import type { ClientHello, TrustedCa } from './client-hello.ts';

/** A DPtls certificate that a listener may present, and its CI. */
export interface ServerCertificate {
  /** SubjectKeyIdentifier of the CI. */
  ciPKId: Uint8Array;
  ci: Certificate;
  certificatePem: string;
  keyPem: string;
  certificate: Certificate;
  /** Whether it belongs to the generated test PKI. */
  generated: boolean;
}

/** A certificate with precomputed data. */
export interface Candidate {
  readonly tls: ServerCertificate;
  readonly hosts: readonly string[];
  /** The identifiers by which a client may indicate that it trusts the CI. */
  readonly ciNames: Readonly<Record<TrustedCa['kind'], readonly string[]>>;
}

export type TlsVersion = 'TLSv1.2' | 'TLSv1.3';

export interface Choice {
  readonly candidate: Candidate;
  /** The highest version that can succeed with this certificate; undefined if none can. */
  readonly version: TlsVersion | undefined;
}

/** NamedGroups of TLS 1.3 for the key exchange. */
const GROUPS_13: readonly number[] = [
  X25519.group,
  ...Object.values(tlsCurves).map(({ group13 }) => group13),
];
const TLS_1_2 = 0x0303;
const TLS_1_3 = 0x0304;
/** ECDSA with SHA-256, -384 and -512: with the curve of the certificate (RFC 8422 §5.1.3). */
const ECDSA_12 = [0x0403, 0x0503, 0x0603];
/** The certificates of RSP are signed by ECDSA with SHA-256 (§2.6.7.2). */
const ECDSA_SHA256_12 = 0x0403;

export function toCandidate(tls: ServerCertificate): Candidate {
  const { ci } = tls;
  const keyIds = [sha1(ci.publicKeyPoint), toHex(tls.ciPKId)];
  return {
    tls,
    hosts: hostNames(tls.certificate),
    ciNames: { keySha1: keyIds, name: [toHex(ci.subject.der)], certificateSha1: [sha1(ci.der)] },
  };
}

/**
 * Chooses by these criteria, in this order: the client can verify the certificate; the client names its CI; it names
 * the called host; it was imported rather than generated for tests; the client prefers its curve. If candidates are
 * equal in all, the first.
 * @param candidates in order of preference, at least one
 * @param hello undefined if it could not be parsed
 */
export function chooseCertificate(
  candidates: readonly Candidate[],
  hello: ClientHello | undefined,
): Choice {
  const [first] = candidates;
  if (first === undefined) throw new TypeError('no certificate to choose');
  if (hello === undefined) return { candidate: first, version: undefined };
  return candidates
    .map((candidate) => rate(candidate, hello))
    .reduce((best, rated) => (isBetter(rated, best, hello) ? rated : best));
}

interface Rated extends Choice {
  /** The criteria that hold, most important first. */
  ratings: boolean[];
}

function rate(candidate: Candidate, hello: ClientHello): Rated {
  const { tls, hosts, ciNames } = candidate;
  const version = versionFor(tls, hello);
  const isNamed = hello.trusted.some(({ kind, hex }) => ciNames[kind].includes(hex));
  const isCalled = hello.serverName !== undefined && hosts.includes(hello.serverName);
  return {
    candidate,
    version,
    ratings: [version !== undefined, isNamed, isCalled, !tls.generated],
  };
}

function isBetter(one: Rated, other: Rated, hello: ClientHello): boolean {
  const index = one.ratings.findIndex((rating, at) => rating !== other.ratings[at]);
  if (index !== -1) return one.ratings[index]!;
  if (one.version === undefined) return false;
  // Both lists are in the client's order of preference; in TLS 1.3, groups are only for the key exchange.
  const isTls13 = one.version === 'TLSv1.3' && other.version === 'TLSv1.3';
  const list = (isTls13 ? hello.signatureAlgorithms : hello.groups) ?? [];
  const placeOf = ({ candidate }: Rated) => {
    const { scheme13, group12 } = tlsCurves[candidate.tls.certificate.curve];
    const place = list.indexOf(isTls13 ? scheme13 : group12);
    return place === -1 ? Infinity : place;
  };
  return placeOf(one) < placeOf(other);
}

function versionFor(
  { certificate }: ServerCertificate,
  hello: ClientHello,
): TlsVersion | undefined {
  const { group12, scheme13 } = tlsCurves[certificate.curve];
  const { versions, groups, signatureAlgorithms, certificateSignatureAlgorithms } = hello;
  if (
    versions.includes(TLS_1_3) &&
    signatureAlgorithms?.includes(scheme13) &&
    (certificateSignatureAlgorithms?.includes(scheme13) ?? true) &&
    groups?.some((group) => GROUPS_13.includes(group))
  ) {
    return 'TLSv1.3';
  }
  if (
    versions.includes(TLS_1_2) &&
    // RFC 8422 §4: without the extension, any curve may be used.
    (groups?.includes(group12) ?? true) &&
    (signatureAlgorithms?.some((scheme) => ECDSA_12.includes(scheme)) ?? true) &&
    (certificateSignatureAlgorithms?.includes(ECDSA_SHA256_12) ?? true)
  ) {
    return 'TLSv1.2';
  }
  return undefined;
}

function sha1(bytes: Uint8Array): string {
  return createHash('sha1').update(bytes).digest('hex').toUpperCase();
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex').toUpperCase();
}
