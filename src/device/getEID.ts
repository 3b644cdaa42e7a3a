// ES10c.GetEID, §5.7.20.
import { GetEuiccDataResponse } from '../rsp/definitions/local-functions.ts';
import { encodeEid } from '../rsp/identifiers.ts';
import type { Euicc } from './euicc.ts';

export function getEID({ eid }: Euicc): Uint8Array {
  return GetEuiccDataResponse.encode({ eidValue: encodeEid(eid) });
}
