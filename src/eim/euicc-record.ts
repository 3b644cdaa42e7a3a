// What is known of an eUICC, as far as it is not a column of its own.
import type { EuiccRow } from '../store/schema.ts';
import type { Association } from './association.ts';
import type { EimContext } from './eim.ts';
import { verifyEuiccCertificates } from './euicc-certificates.ts';
import { eimIdOf } from './server-keys.ts';
import { DerError } from '../rsp/der-error.ts';
import { VerifyError } from '../rsp/verify-error.ts';
import type { VerifiedEuicc } from '../rsp/certificate-chain.ts';

/** A profile on an eUICC, as last reported. */
export interface ReportedProfile {
  iccid: string;
  state: 'enabled' | 'disabled';
  service_provider: string | null;
  name: string | null;
  nickname: string | null;
  fallback: boolean;
}

export function profilesOf({ profiles }: Pick<EuiccRow, 'profiles'>): ReportedProfile[] | null {
  return profiles === null ? null : (JSON.parse(profiles) as ReportedProfile[]);
}

export function associationOf(row: EuiccRow, { config }: Pick<EimContext, 'config'>): Association {
  return {
    eid: row.eid,
    eimId: eimIdOf(config),
    associationToken: row.association_token ?? undefined,
    counterValue: row.counter,
    resultSignature: row.result_signature,
    acceptsUnsignedResults: row.unsigned_results === 1,
  };
}

/**
 * Its certificate, verified up to a CI that we trust now.
 * @returns undefined if it is not known, or a text that says why it is not accepted
 */
export function euiccOf(
  { eid, euicc_certificate: euicc, eum_certificate: eum }: EuiccRow,
  context: Pick<EimContext, 'pki' | 'now'>,
): VerifiedEuicc | string | undefined {
  if (euicc === null || eum === null) return undefined;
  return verifiedEuicc(eid, Uint8Array.fromBase64(euicc), Uint8Array.fromBase64(eum), context);
}

/** @returns a text if they are not those of this eUICC */
export function verifiedEuicc(
  eid: string,
  euiccCertificate: Uint8Array,
  eumCertificate: Uint8Array,
  { pki, now }: Pick<EimContext, 'pki' | 'now'>,
): VerifiedEuicc | string {
  const { cis, crls, outdatedCrl } = pki;
  const options = { now: now(), crls, refusesOutdatedCrls: outdatedCrl === 'refuse' };
  try {
    const verified = verifyEuiccCertificates({ euiccCertificate, eumCertificate }, cis, options);
    return verified.eid === eid ? verified : `the certificate is that of EID ${verified.eid}`;
  } catch (error) {
    if (error instanceof VerifyError || error instanceof DerError) return error.message;
    throw error;
  }
}
