// The certificates and keys that the SM-DP+ works with (§4.5), verified as they are loaded.
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
import { certificatePem, fromPkiRow, PkiError, privateKeyPem, titleOf } from './pki-certificate.ts';
import type { StoredCertificate } from './pki-certificate.ts';
import { identityUnder, under } from './identities.ts';
import { loadCrls } from './pki-crl.ts';

/** What the SM-DP+ is for the eUICCs that trust one CI. */
export interface SmdpIdentity {
  /** SubjectKeyIdentifier of the CI. */
  ciPKId: Uint8Array;
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
  /** Whether we have made it, for tests. */
  generated: boolean;
}

/** A certificate that we have, usable or not. */
export interface PkiCertificate extends StoredCertificate {
  /** Why it is not used. */
  unusable: 'expired' | 'not yet valid' | 'revoked' | undefined;
  /** Of DPauth and DPpb: with the key here, or the one that `SIMWRIGHT_SIGNER` has. */
  signer: Signer | undefined;
}

export interface Pki {
  /** In the order of preference, which has our own test PKI last. */
  identities: readonly SmdpIdentity[];
  /** CIs whose eUICCs are accepted. */
  cis: readonly Certificate[];
  /** Also those that are out of date: what they revoke stays revoked. */
  crls: readonly VerifiedCrl[];
  /** What becomes of devices whose CI has a CRL that is out of date. Our own certificates are for them to judge. */
  outdatedCrl: OutdatedCrl;
  /** Why CRLs that are stored are not used. */
  crlProblems: readonly string[];
  /** In the same order; those under one CI may name several hosts. */
  tls: readonly PkiTls[];
  /** All that there are, in the same order. */
  certificates: readonly PkiCertificate[];
}

export type OutdatedCrl = 'warn' | 'refuse';

/** What is stored of the PKI, and what it amounts to at a time. */
export interface StoredPki {
  at(now: Date): Pki;
}

export interface Signers {
  /** undefined: it has none for this certificate, which is not used then. */
  signerOf(loaded: StoredCertificate): Signer | undefined;
}

export interface PkiOptions {
  /** Without it `warn`. */
  outdatedCrl?: OutdatedCrl | undefined;
  /** Where the keys are that are not here. */
  signers?: Signers | undefined;
}

/** Throws `PkiError` when what is stored does not fit together, `SealError`. */
export async function loadPki(
  tables: Pick<Transaction, 'pki'>,
  masterKey: MasterKey,
  now: Date,
  options?: PkiOptions,
): Promise<Pki> {
  return (await readPki(tables, masterKey, options)).at(now);
}

/** Read once, and judged anew whenever something begins or ends to be valid. Throws `SealError`. */
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

/** The times at which a certificate or a CRL begins or ends to be valid. */
function turnsOf(loaded: readonly StoredCertificate[], crls: readonly VerifiedCrl[]): number[] {
  const ends = crls.flatMap(({ nextUpdate }) => nextUpdate ?? []);
  return [
    ...loaded.map(({ certificate }) => certificate.notBefore.getTime()),
    // The last moment of a time is still within it.
    ...[...loaded.map(({ certificate }) => certificate.notAfter), ...ends].map(
      (end) => end.getTime() + 1,
    ),
  ];
}

/** What the certificates amount to, each verified against its CI. Throws `PkiError`. */
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

/** @returns why it must not be used now; throws `PkiError` for what is wrong at any time */
function verifyLoaded(
  loaded: StoredCertificate,
  cis: readonly StoredCertificate[],
  options: VerifyOptions,
): PkiCertificate['unusable'] {
  const { role, certificate, ciPKIdHex } = loaded;
  const ofKey = cis.filter((candidate) => candidate.ciPKIdHex === ciPKIdHex);
  // A CI may have several certificates of one key.
  const ci =
    ofKey.find((candidate) => isSameName(candidate.certificate.subject, certificate.issuer)) ??
    ofKey[0];
  if (ci === undefined) {
    throw new PkiError(`${titleOf(loaded)} is under the CI ${ciPKIdHex}, which is not here`);
  }
  try {
    if (role === 'ci') verifyCi(certificate, options);
    else if (role === 'eum') verifyEum(certificate, ci.certificate, options);
    else verifyServer(certificate, role, ci.certificate, options);
    return undefined;
  } catch (cause) {
    if (!(cause instanceof VerifyError)) throw cause;
    // Dates and revocation are looked at last, so that everything else has been found right.
    const { failure } = cause;
    if (isOfTime(failure)) return UNUSABLE[failure];
    throw new PkiError(`${titleOf(loaded)} cannot be used: ${cause.message}`, { cause });
  }
}

function isOfTime(failure: VerifyFailure): failure is keyof typeof UNUSABLE {
  return Object.hasOwn(UNUSABLE, failure);
}

/**
 * Our own test PKI after any other; of several certificates of one role the newest, so that a new one
 * takes over by being imported; P-256 first.
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
