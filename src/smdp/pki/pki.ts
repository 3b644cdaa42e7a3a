// The certificates and keys of the SM-DP+ (§4.5), verified when loaded.
import type { MasterKey } from '../../process/keys.ts';
import type { Certificate } from '../../rsp/certificate.ts';
import type { VerifyOptions } from '../../rsp/certificate-chain.ts';
import { verifyCi, verifyEum, verifyServer } from '../../rsp/certificate-chain.ts';
import type { VerifiedCrl } from '../../rsp/crl.ts';
import type { CurveName } from '../../rsp/curve.ts';
import { curveNames } from '../../rsp/curve.ts';
import { isSameName } from '../../rsp/distinguished-name.ts';
import { createSigner } from '../../rsp/signature.ts';
import type { Signer } from '../../rsp/signature.ts';
import { VerifyError, type VerifyFailure } from '../../rsp/verify-error.ts';
import type { Transaction } from '../../store/store.ts';
import { isSignedElsewhere } from './external-signer.ts';
import { certificatePem, privateKeyPem } from '../../rsp/pem.ts';
import { fromPkiRow, PkiError, titleOf } from './pki-certificate.ts';
import type { StoredCertificate } from './pki-certificate.ts';
import { identityUnder, under } from './identities.ts';
import { loadCrls } from './pki-crl.ts';

/** The SM-DP+'s identity for the eUICCs that trust one CI. */
export interface SmdpIdentity {
  /** SubjectKeyIdentifier of the CI. */
  ciPKId: Uint8Array;
  /** The same, in upper-case hex. */
  ciPKIdHex: string;
  ci: Certificate;
  curve: CurveName;
  dpAuth: { certificate: Certificate; signer: Signer };
  dpPb: { certificate: Certificate; signer: Signer };
  smdpOid: string;
}

export interface PkiTls {
  ciPKId: Uint8Array;
  ci: Certificate;
  certificatePem: string;
  keyPem: string;
  certificate: Certificate;
  /** Whether it belongs to the generated test PKI. */
  generated: boolean;
}

/** A stored certificate, usable or not. */
export interface PkiCertificate extends StoredCertificate {
  /** Why it is not used. */
  unusable: 'expired' | 'not yet valid' | 'revoked' | undefined;
  /** For DPauth and DPpb: signs with the stored key, in the HSM, or through `SIMWRIGHT_SIGNER`. */
  signer: Signer | undefined;
}

export interface Pki {
  /** In order of preference, with the test PKI last. */
  identities: readonly SmdpIdentity[];
  /** CIs whose eUICCs are accepted. */
  cis: readonly Certificate[];
  /** Including outdated ones, whose revocations stay in force. */
  crls: readonly VerifiedCrl[];
  /** How devices are treated whose CI's CRL is outdated. Does not apply to our own certificates, which devices check. */
  outdatedCrl: OutdatedCrl;
  /** Why stored CRLs are not used. */
  crlProblems: readonly string[];
  /** In the same order; those of one CI may name several hosts. */
  tls: readonly PkiTls[];
  /** All certificates, in the same order. */
  certificates: readonly PkiCertificate[];
}

export type OutdatedCrl = 'warn' | 'refuse';

/** The stored PKI, evaluated at a given time. */
export interface StoredPki {
  at(now: Date): Pki;
}

export interface Signers {
  /** Returns undefined if it has none for this certificate, which is then not used. */
  signerOf(loaded: StoredCertificate): Signer | undefined;
}

export interface PkiOptions {
  /** `warn` by default. */
  outdatedCrl?: OutdatedCrl | undefined;
  /** For keys that are not stored here. */
  signers?: Signers | undefined;
}

/** Throws `PkiError` if the stored data is inconsistent, `SealError`. */
export async function loadPki(
  tables: Pick<Transaction, 'pki'>,
  masterKey: MasterKey,
  now: Date,
  options?: PkiOptions,
): Promise<Pki> {
  return (await readPki(tables, masterKey, options)).at(now);
}

/** Reads the PKI once; it is evaluated again whenever a validity begins or ends. Throws `SealError`. */
export async function readPki(
  { pki }: Pick<Transaction, 'pki'>,
  masterKey: MasterKey,
  options: PkiOptions = {},
): Promise<StoredPki> {
  const [rows, crlRows] = [await pki.list(), await pki.listCrls()];
  const loaded = rows.map((row) => fromPkiRow(row, masterKey));
  const { crls, crlProblems } = loadCrls(crlRows, loaded);
  const turns = turnsOf(loaded, crls);
  let known: { pki: Pki; turn: number } | undefined;
  return {
    at(now) {
      const turn = turns.filter((time) => time <= now.getTime()).length;
      if (known?.turn !== turn) {
        known = { pki: assemblePki(loaded, crls, now, { ...options, crlProblems }), turn };
      }
      return known.pki;
    },
  };
}

/** The times at which the validity of a certificate or CRL begins or ends. */
function turnsOf(loaded: readonly StoredCertificate[], crls: readonly VerifiedCrl[]): number[] {
  const ends = crls.flatMap(({ nextUpdate }) => nextUpdate ?? []);
  return [
    ...loaded.map(({ certificate }) => certificate.notBefore.getTime()),
    // The end of a validity is inclusive.
    ...[...loaded.map(({ certificate }) => certificate.notAfter), ...ends].map(
      (end) => end.getTime() + 1,
    ),
  ];
}

/** Assembles the certificates, each verified against its CI. Throws `PkiError`. */
export function assemblePki(
  loaded: readonly StoredCertificate[],
  crls: readonly VerifiedCrl[],
  now: Date,
  {
    outdatedCrl = 'warn',
    crlProblems = [],
    signers,
  }: PkiOptions & Partial<Pick<Pki, 'crlProblems'>> = {},
): Pki {
  const cis = loaded.filter(({ role }) => role === 'ci');
  const certificates = loaded
    .map((certificate) => ({
      ...certificate,
      unusable: verifyLoaded(certificate, cis, { now, crls }),
      signer: signerOf(certificate, signers),
    }))
    .toSorted(byPreference);
  const usable = certificates.filter(({ unusable }) => unusable === undefined);
  const trusted = usable.filter(({ role }) => role === 'ci');
  return {
    identities: trusted.flatMap((ci) => identityUnder(ci, usable) ?? []),
    cis: trusted.map(({ certificate }) => certificate),
    crls,
    outdatedCrl,
    crlProblems,
    tls: trusted.flatMap((ci) => tlsUnder(ci, usable)),
    certificates,
  };
}

const UNUSABLE = {
  expired: 'expired',
  'not-yet-valid': 'not yet valid',
  revoked: 'revoked',
} as const;

/** @returns why it must not be used now; throws `PkiError` for permanent errors */
function verifyLoaded(
  loaded: StoredCertificate,
  cis: readonly StoredCertificate[],
  options: VerifyOptions,
): PkiCertificate['unusable'] {
  const { role, certificate, ciPKIdHex } = loaded;
  const ofKey = cis.filter((candidate) => candidate.ciPKIdHex === ciPKIdHex);
  // A CI may have several certificates with the same key.
  const ci =
    ofKey.find((candidate) => isSameName(candidate.certificate.subject, certificate.issuer)) ??
    ofKey[0];
  if (ci === undefined) {
    throw new PkiError(`${titleOf(loaded)} is under the CI ${ciPKIdHex}, which is missing`);
  }
  try {
    if (role === 'ci') verifyCi(certificate, options);
    else if (role === 'eum') verifyEum(certificate, ci.certificate, options);
    else verifyServer(certificate, role, ci.certificate, options);
    return undefined;
  } catch (cause) {
    if (!(cause instanceof VerifyError)) throw cause;
    // Dates and revocation are checked last, so everything else is right.
    const { failure } = cause;
    if (isOfTime(failure)) return UNUSABLE[failure];
    throw new PkiError(`${titleOf(loaded)} cannot be used: ${cause.message}`, { cause });
  }
}

function isOfTime(failure: VerifyFailure): failure is keyof typeof UNUSABLE {
  return Object.hasOwn(UNUSABLE, failure);
}

/**
 * The test PKI last; of several certificates of one role the newest first, so importing one makes it active; P-256
 * first.
 */
function byPreference(one: PkiCertificate, other: PkiCertificate): number {
  const [left, right] = [one.certificate, other.certificate];
  return (
    Number(one.generated) - Number(other.generated) ||
    right.notBefore.getTime() - left.notBefore.getTime() ||
    curveNames.indexOf(left.curve) - curveNames.indexOf(right.curve)
  );
}

function signerOf(loaded: StoredCertificate, signers?: Signers): Signer | undefined {
  if (!isSignedElsewhere(loaded.role)) return undefined;
  if (loaded.privateKey !== undefined) return createSigner(loaded.privateKey);
  return signers?.signerOf(loaded);
}

function tlsUnder(ci: PkiCertificate, usable: readonly PkiCertificate[]): PkiTls[] {
  return under(ci, 'dpTls', usable).flatMap(({ certificate, privateKey, generated }) => {
    if (privateKey === undefined) return [];
    return {
      ciPKId: Uint8Array.fromHex(ci.ciPKIdHex),
      ci: ci.certificate,
      certificatePem: certificatePem(certificate),
      keyPem: privateKeyPem(privateKey),
      certificate,
      generated,
    };
  });
}
