// Notifications of eUICCs go on to the SM-DP+ that they name, and are acknowledged once it has taken them over (SGP.32 §3.7).
import type { EimContext } from '../eim.ts';
import type { Caller } from '../es9plus.ts';
import { notifySmdp } from '../es9plus.ts';
import { takeInstallation } from '../operations/take-installation.ts';
import type { PendingNotificationEsipa } from '../../rsp/definitions/compact.ts';
import type { Encoded } from '../../rsp/encoded.ts';

/** @returns its seqNumber, once it has been taken over; undefined: it must come again. Throws `SmdpUnavailable`. */
export async function forwardNotification(
  { value, der }: Encoded<PendingNotificationEsipa>,
  caller: Caller,
  context: EimContext,
): Promise<number | undefined> {
  const { profileInstallationResult: installation, otherSignedNotification: other } = value;
  const metadata =
    installation?.profileInstallationResultData.value.notificationMetadata ??
    other?.tbsOtherNotification.value;
  if (metadata === undefined) {
    context.log.warn('a compact notification was not taken: this eIM does not offer them');
    return undefined;
  }
  const { notificationAddress, seqNumber } = metadata;
  const isTaken = await notifySmdp(context.eim.es9plus, notificationAddress, der, caller);
  if (!isTaken) {
    context.log.warn({ smdp: notificationAddress, seqNumber }, 'a notification was not taken over');
    return undefined;
  }
  if (installation !== undefined) await takeInstallation(installation, der, undefined, context);
  return seqNumber;
}
