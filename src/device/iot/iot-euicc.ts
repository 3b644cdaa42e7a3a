// A virtual IoT eUICC (SGP.32): one with associated eIMs, which manage its profiles by eUICC packages.
import type { EuiccState, IotState } from '../euicc-state.ts';
import type { Euicc } from '../euicc.ts';

export type IotEuicc = Euicc & { readonly state: EuiccState & { readonly iot: IotState } };

export function isIotEuicc(euicc: Euicc): euicc is IotEuicc {
  return euicc.state.iot !== undefined;
}
