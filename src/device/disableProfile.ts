// ES10c.DisableProfile, §5.7.17.
import {
  DisableProfileRequest,
  DisableProfileResponse,
} from '../rsp/definitions/local-functions.ts';
import type { Euicc } from './euicc.ts';
import { findProfileBy, profileMetadata, type ProfileIdentifier } from './installed-profiles.ts';
import { notify } from './notifications.ts';

const results = {
  ok: 0,
  iccidOrAidNotFound: 1,
  profileNotInEnabledState: 2,
  disallowedByPolicy: 3,
};

export function disableProfile(euicc: Euicc, der: Uint8Array): Uint8Array {
  const { profileIdentifier, refreshFlag } = DisableProfileRequest.decode(der);
  const result = disable(euicc, profileIdentifier);
  if (result === 'ok' && refreshFlag) euicc.refreshes = true;
  return DisableProfileResponse.encode({ disableResult: results[result] });
}

export function disable(euicc: Euicc, identifier: ProfileIdentifier): keyof typeof results {
  const profile = findProfileBy(euicc, identifier);
  if (profile === undefined) return 'iccidOrAidNotFound';
  if (!profile.isEnabled) return 'profileNotInEnabledState';
  // §2.4.12.1: PPR1 forbids disabling.
  if (profileMetadata(profile).profilePolicyRules?.includes('ppr1')) return 'disallowedByPolicy';
  profile.isEnabled = false;
  notify(euicc, profile, 'notificationDisable');
  return 'ok';
}
