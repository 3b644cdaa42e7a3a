// Which certificates the SM-DP+ uses for the eUICCs of a CI, and for a session that began before they were replaced.
import { findSmdpOid } from '../../rsp/certificate-chain.ts';
import type { PkiRole } from './pki-certificate.ts';
import type { Pki, PkiCertificate, SmdpIdentity } from './pki.ts';

/**
 * A DPauth and a DPpb are used by the sessions that begin so long after they were stored: by then every node has read
 * them. A session has one DPpb from AuthenticateClient to the bound package (§5.7.5), whichever node answers.
 */
const READ_BY_ALL_MS = 5_000;

/** What there is for a session that began at a time: as it was then, or as it is when nothing of that is left. */
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
    // §5.7.5: the eUICC wants DPpb of the SM-DP+ that DPauth has named.
    const dpPb = withSigner('dpPb').find(({ certificate }) => findSmdpOid(certificate) === smdpOid);
    if (smdpOid === undefined || dpPb === undefined) continue;
    return {
      ciPKId: Uint8Array.fromHex(ci.ciPKIdHex),
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
