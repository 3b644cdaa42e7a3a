// What an IPA can leave to its eIM (eimProfileMetadataVerification, SGP.32 §3.2.3.2): the checks of SGP.22 §3.1.3 of what an SM-DP+ says of
// a profile. The IPA cancels the session then, and its eUICC signs why.
import { createHash } from 'node:crypto';
import type { EimContext } from '../eim.ts';
import { euiccInfo2Of, hasFeature } from '../capabilities.ts';
import { profilesOf, reportedOf, type ReportedRule } from '../euicc-record.ts';
import { EsipaRefusal } from './refusal.ts';
import { sessionOf } from './rsp-session.ts';
import type { Triggered } from './triggered.ts';
import { metadataIn } from '../../rsp/bpp-metadata.ts';
import { EUICCInfo2 } from '../../rsp/definitions/euicc-info.ts';
import { StoreMetadataRequest } from '../../rsp/definitions/profile-metadata.ts';
import { DerError } from '../../rsp/der-error.ts';
import {
  authenticateClientErrorsEsipa,
  getBoundProfilePackageErrorsEsipa,
} from '../../rsp/eim-codes.ts';
import { decodeMccMnc } from '../../rsp/identifiers.ts';
import type { EuiccRow } from '../../store/schema.ts';

type ProfileOwner = StoreMetadataRequest['profileOwner'];

export const digestOf = (metadata: Uint8Array) =>
  createHash('sha256').update(metadata).digest('base64');

/** Throws `EsipaRefusal` if the profile has a rule that the eUICC does not allow. */
export async function verifyPolicyRules(
  profileMetadata: Uint8Array | undefined,
  { sent: { eid } }: Triggered,
  { store }: Pick<EimContext, 'store'>,
): Promise<void> {
  const { profilePolicyRules = [], profileOwner } = metadataOf(profileMetadata) ?? {};
  const rules = profilePolicyRules.filter((rule) => rule !== 'pprUpdateControl');
  const euicc = rules.length === 0 ? undefined : await store.euiccs.find(eid);
  if (euicc === undefined || !hasFeature(euicc, 'eimProfileMetadataVerification')) return;
  const refused = rules.find((rule) => !isAllowed(rule, profileOwner, euicc));
  if (refused === undefined) return;
  const message = `The profile has the policy rule ${refused}, which the eUICC does not allow`;
  throw new EsipaRefusal(authenticateClientErrorsEsipa.pprNotAllowed, '8.2.8', '1.2', message);
}

function metadataOf(der: Uint8Array | undefined): StoreMetadataRequest | undefined {
  try {
    return der === undefined ? undefined : StoreMetadataRequest.decode(der);
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    return undefined;
  }
}

/** SGP.22 §2.4.12, §2.9.2: as far as the eIM knows; the eUICC itself verifies it again when it installs the profile. */
function isAllowed(rule: string, owner: ProfileOwner, euicc: EuiccRow): boolean {
  const info = euiccInfo2Of(euicc);
  const forbidden: readonly string[] =
    (info && EUICCInfo2.decode(info).forbiddenProfilePolicyRules) ?? [];
  if (forbidden.includes(rule)) return false;
  // §2.4.12.1: disabling is not allowed, so no other profile may be there.
  if (rule === 'ppr1' && (profilesOf(euicc) ?? []).length > 0) return false;
  const { rules } = reportedOf(euicc);
  if (rules === undefined) return true;
  return rules.some((one) => one.ppr_ids.includes(rule) && isForOwner(one, owner));
}

/** §2.9.2: `e` stands for any digit. */
function isForOwner({ allowed_operators: operators }: ReportedRule, owner: ProfileOwner): boolean {
  if (owner === undefined) return false;
  const { mcc, mnc } = decodeMccMnc(owner.mccMnc);
  const [gid1, gid2] = [owner.gid1?.toHex(), owner.gid2?.toHex()];
  return operators.some(
    (one) =>
      isLike(one.mcc, mcc) &&
      isLike(one.mnc, mnc) &&
      (one.gid1 === null || one.gid1 === (gid1 ?? null)) &&
      (one.gid2 === null || one.gid2 === (gid2 ?? null)),
  );
}

/** Of the RAT, in which a whole MNC may stand for those of two digits and of three. */
function isLike(pattern: string, digits: string): boolean {
  const known = pattern.toLowerCase();
  const isAny = known === 'e'.repeat(known.length);
  return isAny || new RegExp(`^${known.replaceAll('e', '[0-9]')}$`).test(digits);
}

/** Throws `EsipaRefusal` if the package has other metadata than the SM-DP+ has sent before. */
export async function verifySameMetadata(
  boundProfilePackage: Uint8Array,
  transactionId: string,
  { sent }: Triggered,
  { store }: Pick<EimContext, 'store'>,
): Promise<void> {
  const { metadata: before } = sessionOf(sent, transactionId) ?? {};
  if (before === undefined) return;
  const euicc = await store.euiccs.find(sent.eid);
  if (euicc === undefined || !hasFeature(euicc, 'eimProfileMetadataVerification')) return;
  if (isOfPackage(boundProfilePackage, before)) return;
  const message = 'The metadata in the package differ from those that the SM-DP+ has sent before';
  const number = getBoundProfilePackageErrorsEsipa.metadataMismatch;
  throw new EsipaRefusal(number, '8.2.9', '3.12', message);
}

function isOfPackage(boundProfilePackage: Uint8Array, digest: string): boolean {
  try {
    return digestOf(metadataIn(boundProfilePackage)) === digest;
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    return false;
  }
}
