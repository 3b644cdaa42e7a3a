// A certificate of the PKI: its role, its key, and their storage.
import type { KeyObject } from 'node:crypto';
import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import type { MasterKey } from '../../process/keys.ts';
import type { Certificate } from '../../rsp/certificate.ts';
import { parseCertificate } from '../../rsp/certificate.ts';
import { formatName } from '../../rsp/distinguished-name.ts';
import { privateKeyPem } from '../../rsp/pem.ts';
import { pointOf } from '../../rsp/public-key.ts';
import { hasRole } from '../../rsp/certificate-chain.ts';
import type { PkiCertificateRow } from '../../store/schema.ts';
import { apiDate } from '../../values/date.ts';

export type PkiRole = PkiCertificateRow['role'];

export const ROLE_NAMES: Readonly<Record<PkiRole, string>> = {
  ci: 'CI',
  eum: 'EUM',
  dpAuth: 'DPauth',
  dpPb: 'DPpb',
  dpTls: 'DPtls',
};

/** A certificate, key or CRL is unusable; the message names it. */
export class PkiError extends Error {
  override name = 'PkiError';
}

/** The place for sealing a certificate's private key. */
export const privateKeyPlace = (fingerprint: string) =>
  `pki_certificates.private_key ${fingerprint}`;

export interface StoredCertificate {
  role: PkiRole;
  /** Upper-case hex. */
  ciPKIdHex: string;
  certificate: Certificate;
  privateKey: KeyObject | undefined;
  /** Whether it belongs to the generated test PKI. */
  generated: boolean;
  /** When it was stored, to the second; undefined if it has not been stored yet. */
  added?: Date;
}

/** Throws `PkiError` if the key does not match the certificate, `SealError`. */
export function fromPkiRow(row: PkiCertificateRow, masterKey: MasterKey): StoredCertificate {
  const certificate = parseCertificate(Uint8Array.fromBase64(row.certificate));
  const privateKey =
    row.private_key === null
      ? undefined
      : createPrivateKey(masterKey.open(row.private_key, privateKeyPlace(row.fingerprint)));
  const loaded = {
    role: row.role,
    ciPKIdHex: row.ci_pk_id,
    certificate,
    privateKey,
    generated: row.generated === 1,
    added: new Date(row.date_created),
  };
  if (privateKey !== undefined && !isKeyOf(privateKey, certificate)) {
    throw new PkiError(`${titleOf(loaded)} is stored with the private key of another certificate`);
  }
  return loaded;
}

export function toPkiRow(
  { role, ciPKIdHex, certificate, privateKey, generated }: StoredCertificate,
  masterKey: MasterKey,
  now: Date,
): PkiCertificateRow {
  const fingerprint = fingerprintOf(certificate.der);
  return {
    fingerprint,
    role,
    ci_pk_id: ciPKIdHex,
    certificate: Buffer.from(certificate.der).toString('base64'),
    private_key:
      privateKey === undefined
        ? null
        : masterKey.seal(privateKeyPem(privateKey), privateKeyPlace(fingerprint)),
    generated: generated ? 1 : 0,
    date_created: apiDate(now),
  };
}

/** Whether a private key belongs to a certificate. */
export function isKeyOf(privateKey: KeyObject, certificate: Certificate): boolean {
  if (privateKey.asymmetricKeyType !== 'ec') return false;
  const point = pointOf(createPublicKey(privateKey));
  return Buffer.compare(point, certificate.publicKeyPoint) === 0;
}

/** The role by its policies; undefined if an SM-DP+ has no use for it. */
export function roleOf(certificate: Certificate): PkiRole | undefined {
  const roles = Object.keys(ROLE_NAMES) as PkiRole[];
  return roles.find((role) => hasRole(certificate, role));
}

export function isServerRole(role: PkiRole): boolean {
  return role === 'dpAuth' || role === 'dpPb' || role === 'dpTls';
}

/** A name of a certificate for people. */
export function titleOf({
  role,
  certificate,
}: Pick<StoredCertificate, 'role' | 'certificate'>): string {
  return `${ROLE_NAMES[role]} certificate ${formatName(certificate.subject)}`;
}

/** SubjectKeyIdentifier of a CI, upper-case hex. */
export function ciPKIdHexOf({ extensions }: Certificate): string {
  return Buffer.from(extensions.subjectKeyIdentifier ?? [])
    .toString('hex')
    .toUpperCase();
}

/** SHA-256, upper-case hex. */
export function fingerprintOf(der: Uint8Array): string {
  return createHash('sha256').update(der).digest('hex').toUpperCase();
}
