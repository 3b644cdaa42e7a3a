// Dispatches ES10 requests to their functions by tag.
import { DerError } from '../rsp/der-error.ts';
import { readHeader } from './bpp-segments.ts';
import { authenticateServer } from './authenticateServer.ts';
import { cancelSession } from './cancelSession.ts';
import { deleteProfile } from './deleteProfile.ts';
import { disableProfile } from './disableProfile.ts';
import { enableProfile } from './enableProfile.ts';
import { eUICCMemoryReset } from './eUICCMemoryReset.ts';
import type { Euicc } from './euicc.ts';
import { getEID } from './getEID.ts';
import { getEuiccChallenge } from './getEuiccChallenge.ts';
import { getEuiccConfiguredAddresses } from './getEuiccConfiguredAddresses.ts';
import { getEuiccInfo1, getEuiccInfo2 } from './getEuiccInfo.ts';
import { getProfilesInfo } from './getProfilesInfo.ts';
import { getRAT } from './getRAT.ts';
import { NOT_ON_IOT, iotFunctions } from './iot/es10b.ts';
import { isIotEuicc } from './iot/iot-euicc.ts';
import { listNotification } from './listNotification.ts';
import { loadBoundProfilePackage } from './loadBoundProfilePackage.ts';
import { prepareDownload } from './prepareDownload.ts';
import { removeNotificationFromList } from './removeNotificationFromList.ts';
import { retrieveNotificationsList } from './retrieveNotificationsList.ts';
import { setDefaultDpAddress } from './setDefaultDpAddress.ts';
import { setNickname } from './setNickname.ts';

type Es10Function = (euicc: Euicc, request: Uint8Array) => Uint8Array;

/** By the tag of the request (annex H). */
const functions: Readonly<Record<number, Es10Function>> = {
  0xbf20: getEuiccInfo1,
  0xbf21: prepareDownload,
  0xbf22: getEuiccInfo2,
  0xbf28: listNotification,
  0xbf29: setNickname,
  0xbf2b: retrieveNotificationsList,
  0xbf2d: getProfilesInfo,
  0xbf2e: getEuiccChallenge,
  0xbf30: removeNotificationFromList,
  0xbf31: enableProfile,
  0xbf32: disableProfile,
  0xbf33: deleteProfile,
  0xbf34: eUICCMemoryReset,
  0xbf38: authenticateServer,
  0xbf3c: getEuiccConfiguredAddresses,
  0xbf3e: getEID,
  0xbf3f: setDefaultDpAddress,
  0xbf41: cancelSession,
  0xbf43: getRAT,
};

/** DER of a request in, DER of its response out. Throws `DerError` (for a card, 6A80) and `NoSessionError` (6985). */
export function callEs10(euicc: Euicc, request: Uint8Array): Uint8Array {
  const { tag } = readHeader(request);
  try {
    return call(euicc, tag, request);
  } finally {
    euicc.keep(tag);
  }
}

function call(euicc: Euicc, tag: number, request: Uint8Array): Uint8Array {
  if (isIotEuicc(euicc)) {
    const runOnIot = iotFunctions[tag];
    if (runOnIot !== undefined) return runOnIot(euicc, request);
    if (NOT_ON_IOT.includes(tag)) throw new DerError('not a function of an IoT eUICC', 0);
  }
  const run = functions[tag];
  if (run !== undefined) return run(euicc, request);
  // The segments of a bound profile package begin with its own tag or a one-byte tag.
  if (tag !== 0xbf36 && tag > 0xff) throw new DerError('an unknown function', 0);
  return loadBoundProfilePackage(euicc, request);
}
