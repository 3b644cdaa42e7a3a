// What happens to the eSIM Profiles of the account, as it happens.
import { eventStreamOf, useChanges } from './event-stream.ts';
import type { EsimProfile, EsimProfileEvent } from './types.ts';

export interface ProfileChange {
  event: EsimProfileEvent;
  esim_profile: EsimProfile;
}

/** Open as long as somebody is signed in. */
export const profileStream = eventStreamOf<ProfileChange>(
  '/v1/Events',
  'esim_profile',
  ({ esim_profile: profile }) => profile.account_sid,
);

/** @param resync called when events may have been missed */
export const useProfileChanges = (
  change: (change: ProfileChange) => void,
  resync: () => void,
): void => useChanges(profileStream, change, resync);
