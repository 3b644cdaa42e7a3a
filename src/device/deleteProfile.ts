// ES10c.DeleteProfile, §5.7.18.
import { DeleteProfileRequest, DeleteProfileResponse } from '../rsp/definitions/local-functions.ts';
import type { Euicc } from './euicc.ts';
import { findProfileBy, profileMetadata, type ProfileIdentifier } from './installed-profiles.ts';
import { notify } from './notifications.ts';

const results = {
  ok: 0,
  iccidOrAidNotFound: 1,
  profileNotInDisabledState: 2,
  disallowedByPolicy: 3,
};

export function deleteProfile(euicc: Euicc, der: Uint8Array): Uint8Array {
  const identifier = DeleteProfileRequest.decode(der);
  return DeleteProfileResponse.encode({ deleteResult: results[remove(euicc, identifier)] });
}

export function remove(euicc: Euicc, identifier: ProfileIdentifier): keyof typeof results {
  const { state } = euicc;
  const profile = findProfileBy(euicc, identifier);
  if (profile === undefined) return 'iccidOrAidNotFound';
  if (profile.isEnabled) return 'profileNotInDisabledState';
  // §2.4.12.1: PPR2 forbids deleting.
  if (profileMetadata(profile).profilePolicyRules?.includes('ppr2')) return 'disallowedByPolicy';
  state.profiles = state.profiles.filter((kept) => kept !== profile);
  notify(euicc, profile, 'notificationDelete');
  return 'ok';
}
