// ES10c.GetProfilesInfo, §5.7.15.
import { ProfileInfoListResponse } from '../rsp/definitions/local-functions.ts';
import { encodeIccid } from '../rsp/identifiers.ts';
import { fromHex } from './euicc-state.ts';
import type { Euicc } from './euicc.ts';
import { profileMetadata } from './installed-profiles.ts';

/** All profiles, all that is known of them: a search or a list of tags narrows nothing here. */
export function getProfilesInfo({ state }: Euicc): Uint8Array {
  return ProfileInfoListResponse.encode({
    profileInfoListOk: state.profiles.map((profile) => {
      const {
        iccid: _iccid,
        notificationConfigurationInfo: _info,
        ...shown
      } = profileMetadata(profile);
      const { profileOwner: _owner, ...metadata } = shown;
      return {
        iccid: encodeIccid(profile.iccid),
        isdpAid: fromHex(profile.isdpAid),
        profileState: profile.isEnabled ? 1 : 0,
        ...(profile.nickname === '' ? {} : { profileNickname: profile.nickname }),
        ...metadata,
      };
    }),
  });
}
