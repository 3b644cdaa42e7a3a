// What the user of a phone does with an installed profile, and that the phone reports it (§3.5).
import { deleteProfile } from '../device/deleteProfile.ts';
import { DeviceError } from '../device/device-error.ts';
import { disableProfile } from '../device/disableProfile.ts';
import { enableProfile } from '../device/enableProfile.ts';
import type { Lpa } from '../device/lpa.ts';
import {
  DeleteProfileRequest,
  DeleteProfileResponse,
  DisableProfileRequest,
  DisableProfileResponse,
  EnableProfileRequest,
  EnableProfileResponse,
} from '../rsp/definitions/local-functions.ts';
import { encodeIccid } from '../rsp/identifiers.ts';

/** Each returns what was reported. Throws `DeviceError`. */
export async function enable(phone: Lpa, iccid: string): Promise<string> {
  const request = EnableProfileRequest.encode({
    profileIdentifier: { iccid: encodeIccid(iccid) },
    refreshFlag: true,
  });
  return reported(
    phone,
    EnableProfileResponse.decode(enableProfile(phone.euicc, request)).enableResult,
  );
}

export async function disable(phone: Lpa, iccid: string): Promise<string> {
  const request = DisableProfileRequest.encode({
    profileIdentifier: { iccid: encodeIccid(iccid) },
    refreshFlag: true,
  });
  return reported(
    phone,
    DisableProfileResponse.decode(disableProfile(phone.euicc, request)).disableResult,
  );
}

export async function remove(phone: Lpa, iccid: string): Promise<string> {
  const request = DeleteProfileRequest.encode({ iccid: encodeIccid(iccid) });
  return reported(
    phone,
    DeleteProfileResponse.decode(deleteProfile(phone.euicc, request)).deleteResult,
  );
}

async function reported(phone: Lpa, result: number): Promise<string> {
  if (result !== 0) throw new DeviceError(`The eUICC refused it with result ${result}.`);
  const { sent, failed } = await phone.sendNotifications();
  const [first] = failed;
  if (first !== undefined) throw new DeviceError(`It could not be reported: ${first[1].message}`);
  const events = sent.map(({ event }) => event).join(', ');
  return events === ''
    ? 'on the device'
    : `reported as ${events}; it is in the history, and changes no status`;
}
