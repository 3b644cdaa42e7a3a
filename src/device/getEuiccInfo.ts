// ES10b.GetEUICCInfo, §5.7.8.
import { EUICCInfo1, EUICCInfo2 } from '../rsp/definitions/euicc-info.ts';
import { euiccInfo1, euiccInfo2 } from './euicc-info.ts';
import type { Euicc } from './euicc.ts';

export function getEuiccInfo1(euicc: Euicc): Uint8Array {
  return EUICCInfo1.encode(euiccInfo1(euicc));
}

export function getEuiccInfo2(euicc: Euicc): Uint8Array {
  return EUICCInfo2.encode(euiccInfo2(euicc));
}
