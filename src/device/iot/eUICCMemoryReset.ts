// ES10b.eUICCMemoryReset of an IoT eUICC, SGP.32 §5.9.5.
import {
  IotEuiccMemoryResetRequest,
  IotEuiccMemoryResetResponse,
} from '../../rsp/definitions/iot-functions.ts';
import {
  memoryResetResults,
  resetEimResults,
  resetImmediateEnableConfigResults,
} from '../../rsp/eim-codes.ts';
import { profileClasses } from '../../rsp/reasons.ts';
import { deleteProfiles } from '../eUICCMemoryReset.ts';
import { profileMetadata } from '../installed-profiles.ts';
import type { IotEuicc } from './iot-euicc.ts';

/** Deletes profiles whatever their state and rules are. This eUICC has no preloaded test profiles. */
export function iotEuiccMemoryReset(euicc: IotEuicc, der: Uint8Array): Uint8Array {
  const { state } = euicc;
  const { iot } = state;
  const { resetOptions } = IotEuiccMemoryResetRequest.decode(der);
  const classes = [
    resetOptions.includes('deleteOperationalProfiles') ? profileClasses.operational : undefined,
    resetOptions.includes('deleteFieldLoadedTestProfiles') ? profileClasses.test : undefined,
    resetOptions.includes('deleteProvisioningProfiles') ? profileClasses.provisioning : undefined,
  ];
  const isGone = deleteProfiles(euicc, (profile) =>
    classes.some((one) => one === profileMetadata(profile).profileClass),
  );
  if (isGone) forgetMissing(euicc);
  const resetsAddress = resetOptions.includes('resetDefaultSmdpAddress');
  if (resetsAddress) state.defaultDpAddress = state.initialDpAddress;
  const hadEims = iot.eims.length > 0;
  const resetsEims = resetOptions.includes('resetEimConfigData');
  if (resetsEims) iot.eims = [];
  const resetsImmediateEnable = resetOptions.includes('resetImmediateEnableConfig');
  if (resetsImmediateEnable) iot.immediateEnable = { isAllowed: false };
  const { ok, nothingToDelete } = memoryResetResults;
  return IotEuiccMemoryResetResponse.encode({
    resetResult:
      isGone || resetsAddress || resetsEims || resetsImmediateEnable ? ok : nothingToDelete,
    ...(resetsEims
      ? { resetEimResult: hadEims ? resetEimResults.ok : resetEimResults.nothingToDelete }
      : {}),
    ...(resetsImmediateEnable
      ? { resetImmediateEnableConfigResult: resetImmediateEnableConfigResults.ok }
      : {}),
  });
}

/** What referred to profiles that are gone. */
function forgetMissing({ state }: IotEuicc): void {
  const { iot, profiles } = state;
  const isThere = (iccid: string | undefined) => profiles.some((one) => one.iccid === iccid);
  if (!isThere(iot.fallbackIccid)) iot.fallbackIccid = undefined;
  if (!isThere(iot.returnIccid)) iot.returnIccid = undefined;
  if (!isThere(iot.rollback?.previousIccid)) iot.rollback = undefined;
}
