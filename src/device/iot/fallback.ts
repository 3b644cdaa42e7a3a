// ES10b.ExecuteFallbackMechanism (SGP.32 §5.9.20) and ES10b.ReturnFromFallback (SGP.32 §5.9.21): without connectivity, the device switches to
// the profile with the fallback attribute, and later back.
import {
  ExecuteFallbackMechanismRequest,
  ExecuteFallbackMechanismResponse,
  ReturnFromFallbackRequest,
  ReturnFromFallbackResponse,
} from '../../rsp/definitions/iot-functions.ts';
import { executeFallbackMechanismResults, returnFromFallbackResults } from '../../rsp/eim-codes.ts';
import type { IotEuicc } from './iot-euicc.ts';
import { switchProfile } from './switch-profile.ts';

export function executeFallbackMechanism(euicc: IotEuicc, der: Uint8Array): Uint8Array {
  const { refreshFlag } = ExecuteFallbackMechanismRequest.decode(der);
  return ExecuteFallbackMechanismResponse.encode({
    executeFallbackMechanismResult: executeFallbackMechanismResults[fallBack(euicc, refreshFlag)],
  });
}

function fallBack(
  euicc: IotEuicc,
  refreshFlag: boolean,
): keyof typeof executeFallbackMechanismResults {
  const { profiles, iot } = euicc.state;
  const enabled = profiles.find(({ isEnabled }) => isEnabled);
  const fallback = profiles.find(({ iccid }) => iccid === iot.fallbackIccid);
  if (enabled === undefined) return 'commandError';
  if (fallback === undefined) return 'fallbackNotAvailable';
  if (fallback.isEnabled) return 'profileNotInDisabledState';
  switchProfile(euicc, fallback, refreshFlag);
  iot.returnIccid = enabled.iccid;
  iot.rollback = undefined;
  return 'ok';
}

export function returnFromFallback(euicc: IotEuicc, der: Uint8Array): Uint8Array {
  const { refreshFlag } = ReturnFromFallbackRequest.decode(der);
  return ReturnFromFallbackResponse.encode({
    returnFromFallbackResult: returnFromFallbackResults[goBack(euicc, refreshFlag)],
  });
}

function goBack(euicc: IotEuicc, refreshFlag: boolean): keyof typeof returnFromFallbackResults {
  const { profiles, iot } = euicc.state;
  const fallback = profiles.find(({ iccid }) => iccid === iot.fallbackIccid);
  if (fallback?.isEnabled !== true) return 'fallbackNotAvailable';
  const before = profiles.find(({ iccid }) => iccid === iot.returnIccid);
  if (before === undefined) return 'commandError';
  switchProfile(euicc, before, refreshFlag);
  iot.returnIccid = undefined;
  return 'ok';
}
