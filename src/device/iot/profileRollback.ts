// ES10b.ProfileRollback, SGP.32 §5.9.16: the device goes back to the profile before, if an eIM has allowed it with the enable.
import {
  ProfileRollbackRequest,
  ProfileRollbackResponse,
} from '../../rsp/definitions/iot-functions.ts';
import { EuiccPackageResult } from '../../rsp/definitions/euicc-package.ts';
import { profileRollbackResults, rollbackProfileResults } from '../../rsp/eim-codes.ts';
import { fromBase64 } from '../euicc-state.ts';
import type { IotEuicc } from './iot-euicc.ts';
import { removeResult, reportResult } from './package-results.ts';
import { switchProfile } from './switch-profile.ts';

export function profileRollback(euicc: IotEuicc, der: Uint8Array): Uint8Array {
  const { iot, profiles } = euicc.state;
  const { refreshFlag } = ProfileRollbackRequest.decode(der);
  const { rollback } = iot;
  const enabled = profiles.find(({ iccid }) => iccid === rollback?.enabledIccid);
  const previous = profiles.find(({ iccid }) => iccid === rollback?.previousIccid);
  if (rollback === undefined || enabled?.isEnabled !== true || previous === undefined) {
    return ProfileRollbackResponse.encode({ cmdResult: profileRollbackResults.rollbackNotAllowed });
  }
  switchProfile(euicc, previous, refreshFlag);
  iot.rollback = undefined;
  const result = resultAfter(euicc, rollback);
  return ProfileRollbackResponse.encode({
    cmdResult: profileRollbackResults.ok,
    eUICCPackageResult: { value: EuiccPackageResult.decode(result), der: result },
  });
}

/** The result of the package, which the rollback has changed, in place of the one before. */
function resultAfter(
  euicc: IotEuicc,
  { result, signing }: NonNullable<IotEuicc['state']['iot']['rollback']>,
): Uint8Array {
  const { euiccPackageResultSigned } = EuiccPackageResult.decode(fromBase64(result));
  if (euiccPackageResultSigned === undefined) throw new TypeError('a rollback without a result');
  const { seqNumber, euiccResult, ...head } =
    euiccPackageResultSigned.euiccPackageResultDataSigned.value;
  removeResult(euicc.state.iot, seqNumber);
  const rollbackResult = rollbackProfileResults.ok;
  return reportResult(euicc, head, [...euiccResult, { rollbackResult }], signing);
}
