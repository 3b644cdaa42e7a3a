// Pending notifications (§3.5), numbered consecutively.
import { NotificationMetadata, OtherSignedNotification } from '../rsp/definitions/notification.ts';
import { encoded } from '../rsp/encoded.ts';
import { encodeIccid } from '../rsp/identifiers.ts';
import {
  fromHex,
  toBase64,
  type NotificationEvent,
  type NotificationState,
  type ProfileState,
} from './euicc-state.ts';
import { findCredential, signAs, type Euicc } from './euicc.ts';
import { profileMetadata } from './installed-profiles.ts';

export function keepNotification(
  { state }: Euicc,
  notification: Omit<NotificationState, 'seqNumber'>,
): void {
  state.notifications.push({ seqNumber: state.nextSeqNumber, ...notification });
  state.nextSeqNumber += 1;
}

/** Adds an OtherSignedNotification for each address that the profile's metadata names for the event. */
export function notify(euicc: Euicc, profile: ProfileState, event: NotificationEvent): void {
  notifyOthers(euicc, profile, event, undefined);
}

/** The same, except for one address (in any letter case) that is notified in another way. */
export function notifyOthers(
  euicc: Euicc,
  profile: ProfileState,
  event: NotificationEvent,
  otherThan: string | undefined,
): void {
  const { notificationConfigurationInfo = [] } = profileMetadata(profile);
  for (const { profileManagementOperation, notificationAddress } of notificationConfigurationInfo) {
    if (!profileManagementOperation.includes(event)) continue;
    if (notificationAddress.toLowerCase() === otherThan?.toLowerCase()) continue;
    keepNotification(euicc, {
      event,
      notificationAddress,
      iccid: profile.iccid,
      pendingNotification: toBase64(signNotification(euicc, profile, event, notificationAddress)),
    });
  }
}

function signNotification(
  euicc: Euicc,
  { iccid, ciPKId }: ProfileState,
  event: NotificationEvent,
  notificationAddress: string,
): Uint8Array {
  const { misbehaviour, state } = euicc;
  const credential =
    misbehaviour.credential ?? findCredential(euicc, fromHex(ciPKId)) ?? euicc.credentials[0];
  if (credential === undefined) throw new RangeError('an eUICC without a certificate');
  const honest: NotificationMetadata = {
    seqNumber: state.nextSeqNumber,
    profileManagementOperation: [event],
    notificationAddress,
    iccid: encodeIccid(iccid),
  };
  const edited = misbehaviour.notificationMetadata?.(honest) ?? honest;
  const tbsOtherNotification = encoded(NotificationMetadata, edited);
  const { der } = tbsOtherNotification;
  const { euiccCertificate, eumCertificate } = credential;
  return OtherSignedNotification.encode({
    tbsOtherNotification,
    euiccNotificationSignature: signAs(euicc, credential, 'euiccNotificationSignature', der),
    euiccCertificate,
    eumCertificate,
  });
}
