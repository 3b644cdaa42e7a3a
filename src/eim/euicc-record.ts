// What is known of an eUICC, as far as it is not a column of its own.
import type { EuiccRow } from '../store/schema.ts';
import type { Association } from './association.ts';
import type { EimContext } from './eim.ts';
import { verifyEuiccCertificates } from './euicc-certificates.ts';
import { eimIdOf } from './server-keys.ts';
import { parseCertificate } from '../rsp/certificate.ts';
import { DerError } from '../rsp/der-error.ts';
import { findEid } from '../rsp/eid-range.ts';
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
  /** The order of its account that it is, as far as there is one. */
  esim_profile_sid?: string | null;
}

/** A rule of the eUICC's Rules Authorisation Table. */
export interface ReportedRule {
  ppr_ids: string[];
  /** `e` stands for any digit. */
  allowed_operators: { mcc: string; mnc: string; gid1: string | null; gid2: string | null }[];
  consent_required: boolean;
}

/** What signed results have told of an eUICC besides its profiles. */
export interface Reported {
  /** When its profiles were last listed as a whole. */
  date_listed?: string;
  default_smdp_address?: string;
  immediate_enable?: { allowed: boolean; smdp_oid: string | null; smdp_address: string | null };
  eim_ids?: string[];
  date_eim_ids?: string;
  rules?: ReportedRule[];
  date_rules?: string;
  /** An association token that nobody has signed, beside the one with which the eUICC has signed. */
  told_association_token?: number;
}

export const reportedOf = ({ reported }: Pick<EuiccRow, 'reported'>): Reported =>
  reported === null ? {} : (JSON.parse(reported) as Reported);

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

/** The EID that a certificate of an eUICC has, verified or not: anybody may send one, of whichever key. */
export function eidIn(euiccCertificate: Uint8Array): string | undefined {
  try {
    return findEid(parseCertificate(euiccCertificate));
  } catch (error) {
    if (error instanceof DerError || error instanceof VerifyError) return undefined;
    throw error;
  }
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
