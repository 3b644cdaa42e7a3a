// ES10c.GetEID, §5.7.20.
import { GetEuiccDataRequest, GetEuiccDataResponse } from '../rsp/definitions/local-functions.ts';
import { DerError } from '../rsp/der-error.ts';
import { encodeEid } from '../rsp/identifiers.ts';
import type { Euicc } from './euicc.ts';

const EID_TAG = 0x5a;

export function getEID({ eid }: Euicc, der: Uint8Array): Uint8Array {
  const { tagList } = GetEuiccDataRequest.decode(der);
  if (tagList !== undefined && tagList[0] !== EID_TAG) throw new DerError('an unknown tag', 0);
  return GetEuiccDataResponse.encode({ eidValue: encodeEid(eid) });
}
