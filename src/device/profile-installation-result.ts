// The signed result of an installation (§2.5.6), returned at once and kept until it is sent.
import {
  ProfileInstallationResult,
  ProfileInstallationResultData,
} from '../rsp/definitions/notification.ts';
import { encoded } from '../rsp/encoded.ts';
import { decodeIccid, encodeIccid } from '../rsp/identifiers.ts';
import { bppCommandIds, errorReasons } from '../rsp/reasons.ts';
import { fromHex, toBase64, type ProfileState } from './euicc-state.ts';
import { signAs, type Euicc } from './euicc.ts';
import type { LoadError } from './loading.ts';
import { keepNotification, notifyOthers } from './notifications.ts';
import { forgetOneTimeKey } from './one-time-keys.ts';
import type { EuiccSession } from './session.ts';

type FinalResult = ProfileInstallationResultData['finalResult'];

export function reportSuccess(
  euicc: Euicc,
  session: EuiccSession,
  { profile, simaResponse }: { profile: ProfileState; simaResponse: Uint8Array },
): Uint8Array {
  const aid = fromHex(profile.isdpAid);
  const result = report(euicc, session, { successResult: { aid, simaResponse } }, profile.iccid);
  notifyOthers(euicc, profile, 'notificationInstall', session.serverAddress);
  const { smdpOid, serverAddress: smdpAddress } = session;
  euicc.lastInstalled = { iccid: profile.iccid, smdpOid, smdpAddress };
  return result;
}

export function reportFailure(
  euicc: Euicc,
  session: EuiccSession,
  { bppCommandId, errorReason, simaResponse }: LoadError,
): Uint8Array {
  const metadata = session.prepared?.loading?.storeMetadataRequest?.value;
  const errorResult = {
    bppCommandId: bppCommandIds[bppCommandId],
    errorReason: errorReasons[errorReason],
    ...(simaResponse === undefined ? {} : { simaResponse }),
  };
  const iccid = metadata && decodeIccid(metadata.iccid);
  return report(euicc, session, { errorResult }, iccid);
}

function report(
  euicc: Euicc,
  session: EuiccSession,
  finalResult: FinalResult,
  iccid: string | undefined,
): Uint8Array {
  const { transactionId, serverAddress, smdpOid, credential, prepared } = session;
  // §5.7.6: the session and its one-time key end with the result.
  euicc.session = undefined;
  if (prepared !== undefined) forgetOneTimeKey(euicc, prepared.oneTimeKey);
  const seqNumber = euicc.state.nextSeqNumber;
  const honest: ProfileInstallationResultData = {
    transactionId,
    notificationMetadata: {
      seqNumber,
      profileManagementOperation: ['notificationInstall'],
      notificationAddress: serverAddress,
      ...(iccid === undefined ? {} : { iccid: encodeIccid(iccid) }),
    },
    smdpOid,
    finalResult,
  };
  const edited = euicc.misbehaviour.profileInstallationResultData?.(honest) ?? honest;
  const profileInstallationResultData = encoded(ProfileInstallationResultData, edited);
  const { der } = profileInstallationResultData;
  const result = ProfileInstallationResult.encode({
    profileInstallationResultData,
    euiccSignPIR: signAs(euicc, credential, 'euiccSignPIR', der),
  });
  keepNotification(euicc, {
    event: 'notificationInstall',
    notificationAddress: serverAddress,
    ...(iccid === undefined ? {} : { iccid }),
    pendingNotification: toBase64(result),
  });
  return result;
}
