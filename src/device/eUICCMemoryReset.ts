// ES10c.eUICCMemoryReset, §5.7.19: deletes profiles regardless of their state and policy rules, with notifications.
import {
  EuiccMemoryResetRequest,
  EuiccMemoryResetResponse,
} from '../rsp/definitions/local-functions.ts';
import { profileClasses } from '../rsp/reasons.ts';
import type { ProfileState } from './euicc-state.ts';
import type { Euicc } from './euicc.ts';
import { profileMetadata } from './installed-profiles.ts';
import { notify } from './notifications.ts';

const results = { ok: 0, nothingToDelete: 1 };

export function eUICCMemoryReset(euicc: Euicc, der: Uint8Array): Uint8Array {
  const { state } = euicc;
  const { resetOptions } = EuiccMemoryResetRequest.decode(der);
  const goes = (profile: ProfileState): boolean => {
    const { profileClass } = profileMetadata(profile);
    return (
      (profileClass === profileClasses.operational &&
        resetOptions.includes('deleteOperationalProfiles')) ||
      (profileClass === profileClasses.test &&
        resetOptions.includes('deleteFieldLoadedTestProfiles'))
    );
  };
  const isGone = deleteProfiles(euicc, goes);
  const resetsAddress = resetOptions.includes('resetDefaultSmdpAddress');
  if (resetsAddress) state.defaultDpAddress = state.initialDpAddress;
  const result = isGone || resetsAddress ? 'ok' : 'nothingToDelete';
  return EuiccMemoryResetResponse.encode({ resetResult: results[result] });
}

/** @returns whether there were any */
export function deleteProfiles(euicc: Euicc, goes: (profile: ProfileState) => boolean): boolean {
  const { state } = euicc;
  const gone = state.profiles.filter(goes);
  state.profiles = state.profiles.filter((profile) => !gone.includes(profile));
  for (const profile of gone) notify(euicc, profile, 'notificationDelete');
  if (gone.some(({ isEnabled }) => isEnabled)) euicc.refreshes = true;
  return gone.length > 0;
}
