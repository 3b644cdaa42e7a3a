// Matching IDs that the SM-DP+ generates (§4.1).
import { randomBytes } from 'node:crypto';

/** 32 characters that are not easily confused, all allowed in matching IDs (§4.1). */
const SIGNS = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';

/** Five groups of five characters, as in the API's examples: 125 random bits. */
export function newMatchingId(): string {
  const signs = Array.from(randomBytes(25), (byte) => SIGNS[byte % SIGNS.length]).join('');
  return signs.match(/.{5}/g)!.join('-');
}
