// ES10c.EnableProfile, §5.7.16: only one profile is enabled at a time; the previous one is disabled.
import { EnableProfileRequest, EnableProfileResponse } from '../rsp/definitions/local-functions.ts';
import type { Euicc } from './euicc.ts';
import { findProfileBy, profileMetadata, type ProfileIdentifier } from './installed-profiles.ts';
import { notify } from './notifications.ts';

const results = {
  ok: 0,
  iccidOrAidNotFound: 1,
  profileNotInDisabledState: 2,
  disallowedByPolicy: 3,
};

export function enableProfile(euicc: Euicc, der: Uint8Array): Uint8Array {
  const { profileIdentifier, refreshFlag } = EnableProfileRequest.decode(der);
  const result = enable(euicc, profileIdentifier);
  if (result === 'ok' && refreshFlag) euicc.refreshes = true;
  return EnableProfileResponse.encode({ enableResult: results[result] });
}

export function enable(euicc: Euicc, identifier: ProfileIdentifier): keyof typeof results {
  const profile = findProfileBy(euicc, identifier);
  if (profile === undefined) return 'iccidOrAidNotFound';
  if (profile.isEnabled) return 'profileNotInDisabledState';
  const before = euicc.state.profiles.find(({ isEnabled }) => isEnabled);
  if (before !== undefined) {
    // §2.4.12.1: PPR1 forbids disabling.
    if (profileMetadata(before).profilePolicyRules?.includes('ppr1')) return 'disallowedByPolicy';
    before.isEnabled = false;
    notify(euicc, before, 'notificationDisable');
  }
  profile.isEnabled = true;
  notify(euicc, profile, 'notificationEnable');
  return 'ok';
}
