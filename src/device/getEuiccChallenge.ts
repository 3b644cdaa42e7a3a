// ES10b.GetEUICCChallenge, §5.7.7.
import { randomBytes } from 'node:crypto';
import { GetEuiccChallengeResponse } from '../rsp/definitions/local-functions.ts';
import type { Euicc } from './euicc.ts';

export function getEuiccChallenge(euicc: Euicc): Uint8Array {
  // §5.7.7: a new challenge ends the previous session.
  euicc.session = undefined;
  euicc.euiccChallenge = Uint8Array.from(randomBytes(16));
  return GetEuiccChallengeResponse.encode({ euiccChallenge: euicc.euiccChallenge });
}
