// The functions of ES10 behind the one door that a card has: a request's tag says which function it is for.
import { readHeader } from './bpp-segments.ts';
import { authenticateServer } from './authenticateServer.ts';
import { cancelSession } from './cancelSession.ts';
import { deleteProfile } from './deleteProfile.ts';
import { disableProfile } from './disableProfile.ts';
import { enableProfile } from './enableProfile.ts';
import type { Euicc } from './euicc.ts';
import { getEID } from './getEID.ts';
import { getEuiccChallenge } from './getEuiccChallenge.ts';
import { getEuiccConfiguredAddresses } from './getEuiccConfiguredAddresses.ts';
import { getEuiccInfo1, getEuiccInfo2 } from './getEuiccInfo.ts';
import { getProfilesInfo } from './getProfilesInfo.ts';
import { listNotification } from './listNotification.ts';
import { loadBoundProfilePackage } from './loadBoundProfilePackage.ts';
import { prepareDownload } from './prepareDownload.ts';
import { removeNotificationFromList } from './removeNotificationFromList.ts';
import { retrieveNotificationsList } from './retrieveNotificationsList.ts';
import { setDefaultDpAddress } from './setDefaultDpAddress.ts';

type Es10Function = (euicc: Euicc, request: Uint8Array) => Uint8Array;

/** By the tag of the request (annex H); whatever else comes is a segment of a bound profile package. */
const functions: Readonly<Record<number, Es10Function>> = {
  0xbf20: getEuiccInfo1,
  0xbf21: prepareDownload,
  0xbf22: getEuiccInfo2,
  0xbf28: listNotification,
  0xbf2b: retrieveNotificationsList,
  0xbf2d: getProfilesInfo,
  0xbf2e: getEuiccChallenge,
  0xbf30: removeNotificationFromList,
  0xbf31: enableProfile,
  0xbf32: disableProfile,
  0xbf33: deleteProfile,
  0xbf38: authenticateServer,
  0xbf3c: getEuiccConfiguredAddresses,
  0xbf3e: getEID,
  0xbf3f: setDefaultDpAddress,
  0xbf41: cancelSession,
};

/** DER of a request in, DER of its response out. Throws `DerError` and `NoSessionError`, as a card answers 6A80, 6985. */
export function callEs10(euicc: Euicc, request: Uint8Array): Uint8Array {
  const { tag } = readHeader(request);
  return (functions[tag] ?? loadBoundProfilePackage)(euicc, request);
}
