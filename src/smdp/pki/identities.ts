// Which DPauth and DPpb the SM-DP+ uses for the eUICCs of a CI, also in sessions that began before a renewal.
import { findSmdpOid } from '../../rsp/certificate-chain.ts';
import type { PkiRole } from './pki-certificate.ts';
import type { Pki, PkiCertificate, SmdpIdentity } from './pki.ts';

/**
 * Sessions use a DPauth and DPpb that were stored this long before they began, when every node has read them: from
 * AuthenticateClient to the bound package a session has one DPpb (§5.7.5), whichever node answers.
 */
const READ_BY_ALL_MS = 5_000;

/** The identities for a session that began at `begun`: those of that time, or the current ones where none is left. */
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
