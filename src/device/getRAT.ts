// ES10b.GetRAT, §5.7.22: which policy rules the eUICC accepts from which operators.
import { GetRatResponse } from '../rsp/definitions/local-functions.ts';
import type { ValueOf } from '../rsp/asn1-type.ts';
import type { Euicc } from './euicc.ts';

/** §2.9.2: every operator, by wildcards. */
const ANYONE = {
  mccMnc: Uint8Array.of(0xee, 0xee, 0xee),
  gid1: new Uint8Array(),
  gid2: new Uint8Array(),
};

/** All rules that are not forbidden, from any operator and without the user's consent. */
export function getRAT(euicc: Euicc): Uint8Array {
  return GetRatResponse.encode({ rat: rulesAuthorisationTable(euicc) });
}

export function rulesAuthorisationTable({ state }: Euicc): ValueOf<typeof GetRatResponse>['rat'] {
  const pprIds = (['ppr1', 'ppr2'] as const).filter(
    (rule) => !state.forbiddenProfilePolicyRules.includes(rule),
  );
  return pprIds.length === 0 ? [] : [{ pprIds, allowedOperators: [ANYONE], pprFlags: [] }];
}
