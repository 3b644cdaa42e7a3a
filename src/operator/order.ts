// What an order of an eSIM Profile must keep to, whichever edge it comes through.
import { checkEid } from '../values/eid.ts';

/** How the profile of an order will be found: by an eUICC, by an activation code, or by both. */
export interface Claim {
  eid: string | undefined;
  generateMatchingId: boolean;
}

/** Without either nobody could ever download the profile. */
export function isClaimable({ eid, generateMatchingId }: Claim): boolean {
  return eid !== undefined || generateMatchingId;
}

/** @returns what is wrong with the EID, which has the right form */
export function checkClaim({ eid }: Claim, eidCheckDigits: boolean): string | undefined {
  return eid !== undefined && eidCheckDigits ? checkEid(eid) : undefined;
}
