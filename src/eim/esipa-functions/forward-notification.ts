// Notifications of eUICCs go on to the SM-DP+ that they name, and are acknowledged once it has taken them over (SGP.32 §3.7), or once
// they are kept for it because it does not answer.
import type { EimContext } from '../eim.ts';
import type { Caller } from '../es9plus.ts';
import { notifySmdp, SmdpUnavailable } from '../es9plus.ts';
import { eidIn, euiccOf, verifiedEuicc } from '../euicc-record.ts';
import { hasKept, keepNotification } from '../kept-notifications.ts';
import { takeInstallation } from '../operations/take-installation.ts';
import { fullNotification } from './full-messages.ts';
import { isServerAddress } from '../../rsp/activation-code.ts';
import type { PendingNotificationEsipa } from '../../rsp/definitions/compact.ts';
import type {
  OtherSignedNotification,
  ProfileInstallationResult,
} from '../../rsp/definitions/notification.ts';
import type { Encoded } from '../../rsp/encoded.ts';
import { isSignature } from '../../rsp/signature.ts';
import type { EuiccRow } from '../../store/schema.ts';

/**
 * @param eid that the IPA has named
 * @returns its seqNumber, once it has been taken over; undefined: it must come again. Throws `SmdpUnavailable`.
 */
export async function forwardNotification(
  given: Encoded<PendingNotificationEsipa>,
  eid: string | undefined,
  caller: Caller,
  context: EimContext,
): Promise<number | undefined> {
  const { value, der } = (await fullNotification(given, eid, context)) ?? { der: given.der };
  const { profileInstallationResult: installation, otherSignedNotification: other } = value ?? {};
  const metadata =
    installation?.profileInstallationResultData.value.notificationMetadata ??
    other?.tbsOtherNotification.value;
  if (metadata === undefined) {
    context.log.warn({ eid }, 'a compact notification was not taken, since it cannot be rebuilt');
    return undefined;
  }
  // What the eUICC has signed counts for us, whatever the SM-DP+ does.
  if (installation !== undefined) await takeInstallation(installation, der, undefined, context);
  const { notificationAddress: smdpAddress, seqNumber } = metadata;
  const findSigner = () =>
    installation === undefined
      ? signerOf(other!, context)
      : signerOfInstallation(installation, eid, context);
  const isTaken = await pass({ smdpAddress, seqNumber, der }, findSigner, caller, context);
  if (isTaken) return seqNumber;
  context.log.warn({ smdp: smdpAddress, seqNumber }, 'a notification was not taken over');
  return undefined;
}

interface Notification {
  smdpAddress: string;
  seqNumber: number;
  der: Uint8Array;
}

/** @param findSigner the eUICC that has signed it, if it is one that we know. @returns whether it was taken over, by whomever */
async function pass(
  notification: Notification,
  findSigner: () => Promise<EuiccRow | undefined>,
  caller: Caller,
  context: EimContext,
): Promise<boolean> {
  const { smdpAddress, der } = notification;
  const { es9plus } = context.eim;
  if (!isServerAddress(smdpAddress) || !es9plus.reaches(smdpAddress)) return false;
  if (es9plus.isBuiltIn(smdpAddress)) return notifySmdp(es9plus, smdpAddress, der, caller);
  const signer = await findSigner();
  if (signer === undefined) {
    // Anybody can name an address, so we call none for that alone.
    return es9plus.isNamed(smdpAddress) && notifySmdp(es9plus, smdpAddress, der, caller);
  }
  // In the order of the eUICC.
  if (!(await hasKept(signer, smdpAddress, context))) {
    const isTaken = await notifySmdp(es9plus, smdpAddress, der, caller).catch((error: unknown) => {
      if (error instanceof SmdpUnavailable) return false;
      throw error;
    });
    if (isTaken) return true;
  }
  return keepNotification(signer, notification, context);
}

async function signerOfInstallation(
  { profileInstallationResultData: data, euiccSignPIR }: ProfileInstallationResult,
  eid: string | undefined,
  context: EimContext,
): Promise<EuiccRow | undefined> {
  const { store } = context;
  const transactionId = data.value.transactionId.toHex().toUpperCase();
  const sent = await store.eimOperations.packageByRspTransaction(transactionId);
  const signedBy = sent?.eid ?? eid;
  const euicc = signedBy === undefined ? undefined : await store.euiccs.find(signedBy);
  const verified = euicc && euiccOf(euicc, context);
  if (typeof verified !== 'object') return undefined;
  return isSignature(verified.publicKey, euiccSignPIR, data.der) ? euicc : undefined;
}

async function signerOf(
  {
    tbsOtherNotification: signed,
    euiccNotificationSignature,
    euiccCertificate,
    eumCertificate,
  }: OtherSignedNotification,
  context: EimContext,
): Promise<EuiccRow | undefined> {
  const eid = eidIn(euiccCertificate);
  const euicc = eid === undefined ? undefined : await context.store.euiccs.find(eid);
  if (euicc === undefined) return undefined;
  const verified = verifiedEuicc(euicc.eid, euiccCertificate, eumCertificate, context);
  if (typeof verified === 'string') return undefined;
  return isSignature(verified.publicKey, euiccNotificationSignature, signed.der)
    ? euicc
    : undefined;
}
