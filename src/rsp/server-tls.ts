// TLS certificates of SM-DP+s and SM-DSs, as their callers verify them, besides what TLS does.
import { parseCertificate } from './certificate.ts';
import type { Certificate } from './certificate.ts';
import type { VerifyOptions } from './certificate-chain.ts';
import { hasRole, isSameKeyIdentifier, verifyServer } from './certificate-chain.ts';

type TlsRole = 'dpTls' | 'dsTls';

export interface TlsTrust extends Omit<VerifyOptions, 'refusesOutdatedCrls'> {
  readonly cis: readonly Certificate[];
}

/** The CI that a certificate names as its issuer. */
export function ciOf(
  { extensions }: Certificate,
  cis: readonly Certificate[],
): Certificate | undefined {
  return cis.find((ci) =>
    isSameKeyIdentifier(ci.extensions.subjectKeyIdentifier, extensions.authorityKeyIdentifier),
  );
}

/**
 * §4.5.2.1.0.5, .7: under a CI, of an SM-DP+ or an SM-DS, for this host, and not revoked. Throws `UntrustedServer`, `DerError` and
 * `VerifyError`.
 * @param roles that it may have
 */
export function verifyServerTls(
  der: Uint8Array,
  hostName: string,
  roles: readonly TlsRole[],
  { cis, ...options }: TlsTrust,
): void {
  const certificate = parseCertificate(der);
  const ci = ciOf(certificate, cis);
  if (ci === undefined) throw new UntrustedServer('the TLS certificate is not from a CI we trust');
  const role = roles.find((one) => hasRole(certificate, one)) ?? roles[0]!;
  verifyServer(certificate, role, ci, { ...options, hostName });
}

export class UntrustedServer extends Error {
  override readonly name = 'UntrustedServer';
}
