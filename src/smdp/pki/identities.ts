// Which DPauth and DPpb the SM-DP+ uses for the eUICCs of a CI, also in sessions that began before a renewal.
import { findSmdpOid } from '../../rsp/certificate-chain.ts';
import type { PkiRole } from './pki-certificate.ts';
import type { Pki, PkiCertificate, SmdpIdentity } from './pki.ts';

/**
 * A DPauth and a DPpb are used only by sessions that begin this long after they were stored, when every node has read
 * them: a session keeps one DPpb from AuthenticateClient to the bound package (§5.7.5), whichever node answers.
 */
const READ_BY_ALL_MS = 5_000;

/** The identities for a session that began at this time: those in use then or, for a CI that has none of them left, the current one. */
export function identitiesFor(pki: Pki, begun: Date): readonly SmdpIdentity[] {
  const last = begun.getTime() - READ_BY_ALL_MS;
  const isOfThen = ({ added }: PkiCertificate) => added === undefined || added.getTime() <= last;
  if (pki.certificates.every(isOfThen)) return pki.identities;
  const usable = pki.certificates.filter(({ unusable }) => unusable === undefined);
  const ofThen = usable.filter(isOfThen);
  return usable
    .filter(({ role }) => role === 'ci')
    .flatMap((ci) => identityUnder(ci, ofThen) ?? identityUnder(ci, usable) ?? []);
}

/** @param usable in the order of preference */
export function identityUnder(
  ci: PkiCertificate,
  usable: readonly PkiCertificate[],
): SmdpIdentity | undefined {
  const withSigner = (role: PkiRole) =>
    under(ci, role, usable).flatMap(({ certificate, signer }) =>
      signer === undefined ? [] : { certificate, signer },
    );
  for (const dpAuth of withSigner('dpAuth')) {
    const smdpOid = findSmdpOid(dpAuth.certificate);
    // §5.7.5: the eUICC requires DPpb and DPauth of the same SM-DP+.
    const dpPb = withSigner('dpPb').find(({ certificate }) => findSmdpOid(certificate) === smdpOid);
    if (smdpOid === undefined || dpPb === undefined) continue;
    return {
      ciPKId: Uint8Array.fromHex(ci.ciPKIdHex),
      ciPKIdHex: ci.ciPKIdHex,
      ci: ci.certificate,
      curve: ci.certificate.curve,
      dpAuth,
      dpPb,
      smdpOid,
    };
  }
  return undefined;
}

export function under(
  ci: PkiCertificate,
  role: PkiRole,
  usable: readonly PkiCertificate[],
): PkiCertificate[] {
  return usable.filter(
    (candidate) => candidate.role === role && candidate.ciPKIdHex === ci.ciPKIdHex,
  );
}
