// ES10b.ImmediateEnable (SGP.32 §5.9.15) and ES10b.ConfigureImmediateProfileEnabling (SGP.32 §5.9.17): a profile is enabled right after its
// installation, without an eIM.
import {
  ConfigureImmediateProfileEnablingRequest,
  ConfigureImmediateProfileEnablingResponse,
  ImmediateEnableRequest,
  ImmediateEnableResponse,
} from '../../rsp/definitions/iot-functions.ts';
import {
  configureImmediateProfileEnablingResults,
  immediateEnableResults,
} from '../../rsp/eim-codes.ts';
import type { IotEuicc } from './iot-euicc.ts';
import { immediateEnableState } from './psmo.ts';
import { switchProfile } from './switch-profile.ts';

/** Not signed, so only while there is no eIM. */
export function configureImmediateProfileEnabling(euicc: IotEuicc, der: Uint8Array): Uint8Array {
  const { iot } = euicc.state;
  const request = ConfigureImmediateProfileEnablingRequest.decode(der);
  const isAllowed = iot.eims.length === 0;
  if (isAllowed) iot.immediateEnable = immediateEnableState(request);
  const { ok, associatedEimAlreadyExists } = configureImmediateProfileEnablingResults;
  return ConfigureImmediateProfileEnablingResponse.encode({
    configImmediateEnableResult: isAllowed ? ok : associatedEimAlreadyExists,
  });
}

export function immediateEnable(euicc: IotEuicc, der: Uint8Array): Uint8Array {
  const { refreshFlag = false } = ImmediateEnableRequest.decode(der);
  return ImmediateEnableResponse.encode({
    immediateEnableResult: immediateEnableResults[enableInstalled(euicc, refreshFlag)],
  });
}

function enableInstalled(
  euicc: IotEuicc,
  refreshFlag: boolean,
): 'ok' | 'immediateEnableNotAvailable' | 'noSessionContext' {
  const { state, lastInstalled } = euicc;
  const { isAllowed, smdpOid, smdpAddress } = state.iot.immediateEnable;
  if (!isAllowed) return 'immediateEnableNotAvailable';
  const profile = state.profiles.find(({ iccid }) => iccid === lastInstalled?.iccid);
  if (lastInstalled === undefined || profile === undefined || profile.isEnabled) {
    return 'noSessionContext';
  }
  // Only from the SM-DP+ that was configured, if one was.
  if (
    (smdpOid !== undefined && smdpOid !== lastInstalled.smdpOid) ||
    (smdpAddress !== undefined && smdpAddress !== lastInstalled.smdpAddress)
  ) {
    return 'immediateEnableNotAvailable';
  }
  euicc.lastInstalled = undefined;
  switchProfile(euicc, profile, refreshFlag);
  return 'ok';
}
