// §5.3.5 ES2+.HandleDownloadProgressInfo: a report of an SM-DP+ about a profile changes the status of its order, or
// is added to its history.
import type { Es2PlusRequest } from '../es2plus/functions.ts';
import { notificationPoints } from '../es2plus/notification-points.ts';
import { decodeResultData } from '../rsp/definitions/notification.ts';
import { FunctionExecutionError } from '../rsp/function-execution-error.ts';
import { bppCommandIds, errorReasons, nameOf } from '../rsp/reasons.ts';
import { formatStatusCode } from '../rsp/status-codes.ts';
import type { EsimProfileRow } from '../store/schema.ts';
import type { Unit } from '../unit.ts';
import type { ChangeContext } from './order-change.ts';
import { releaseByPolicy } from './release-policy.ts';
import type { Cause, Step } from './esim-profile.ts';
import { changeStatus, insertNotificationEvent, takeSteps } from './esim-profile.ts';

type ProgressInfo = Es2PlusRequest<'handleDownloadProgressInfo'>;

export const INSTALLED = 'installed on the device';

/** How the history words later actions of a device. */
export const DONE_ON_DEVICE: Record<number, string> = {
  [notificationPoints.bppInstallation]: INSTALLED,
  [notificationPoints.enabled]: 'enabled on the device',
  [notificationPoints.disabled]: 'disabled on the device',
  [notificationPoints.deleted]: 'deleted on the device',
};

/** Throws 8.2.1 / 3.9 if the account has no order with this ICCID. */
export async function handleDownloadProgressInfo(
  accountSid: string,
  info: ProgressInfo,
  context: ChangeContext,
  unit: Unit,
): Promise<void> {
  const profile = await unit.tables.esimProfiles.findByIccid(accountSid, info.iccid);
  if (profile === undefined) {
    throw new FunctionExecutionError('8.2.1', '3.9', `No order has ICCID ${info.iccid}`);
  }
  if (info.notificationPointStatus.status !== 'Executed-Success') {
    return failed(profile, info, context, unit);
  }
  switch (info.notificationPointId) {
    case notificationPoints.bppDownload:
      return downloaded(profile, info, unit);
    case notificationPoints.bppInstallation:
      // An eUICC may report it twice: by the result, and by a notification that the metadata requests.
      if (!isBefore(profile)) return doneOnDevice(profile, info, unit);
      await installed(profile, detailOf(info), info, unit);
      return;
    case notificationPoints.enabled:
    case notificationPoints.disabled:
      return doneOnDevice(profile, info, unit);
    case notificationPoints.deleted:
      await doneOnDevice(profile, info, unit);
      if (profile.status !== 'installed') return;
      return releaseByPolicy(profile, 'deletion', context, unit);
    default:
  }
}

async function downloaded(profile: EsimProfileRow, info: ProgressInfo, unit: Unit): Promise<void> {
  // An interrupted eUICC has downloaded it again, or this comes after what followed it.
  if (profile.status !== 'available') return;
  await takeSteps(profile, [stepToDownloaded(profile, detailOf(info), info)], unit);
}

function stepToDownloaded(
  profile: EsimProfileRow,
  detail: string | undefined,
  info: ProgressInfo,
): Step {
  const cause = { cause: 'bound profile package delivered', ...withDetail(detail) };
  const isLearned = profile.eid === null ? { eid_learned: 1 as const } : {};
  const learned = {
    ...(info.eid === undefined ? {} : { eid: info.eid, ...isLearned }),
    ...(profile.profile_type === null
      ? { profile_type: info.profileType, profile_type_learned: 1 as const }
      : {}),
  };
  return { status: 'downloaded', fields: learned, cause };
}

const isBefore = ({ status }: EsimProfileRow) => status === 'downloaded' || status === 'available';

/** A report of its download that has not come, or comes later, is inferred. */
async function installed(
  profile: EsimProfileRow,
  detail: string | undefined,
  info: ProgressInfo,
  unit: Unit,
): Promise<EsimProfileRow> {
  if (!isBefore(profile)) return profile;
  const before =
    profile.status === 'available'
      ? [stepToDownloaded(profile, 'inferred from what followed', info)]
      : [];
  const step: Step = {
    status: 'installed',
    fields: { confirmation_code: null },
    cause: { cause: INSTALLED, ...withDetail(detail) },
  };
  return takeSteps(profile, [...before, step], unit);
}

async function doneOnDevice(
  profile: EsimProfileRow,
  info: ProgressInfo,
  unit: Unit,
): Promise<void> {
  const { notificationPointId: point } = info;
  // §3.1.3.3: an enabled profile must have been installed, even if that notification was lost.
  const known =
    point === notificationPoints.enabled
      ? await installed(profile, 'inferred from its being enabled', info, unit)
      : profile;
  const cause = { cause: DONE_ON_DEVICE[point]!, ...withDetail(detailOf(info)) };
  await insertNotificationEvent(known, cause, unit);
}

/** A warning does not change the order: the SM-DP+ lets the device retry, or the order has already ended. */
async function failed(
  profile: EsimProfileRow,
  info: ProgressInfo,
  context: ChangeContext,
  unit: Unit,
): Promise<void> {
  const { status } = info.notificationPointStatus;
  const { code, message, cause } = failureOf(info);
  if (status === 'Executed-WithWarning' || ['installed', 'failed'].includes(profile.status)) {
    return insertNotificationEvent(profile, cause, unit);
  }
  const learned = { error_code: code, error_message: message };
  const ended = await changeStatus(profile, 'failed', learned, cause, unit);
  // Only what the eUICC has signed says that the profile is not there.
  if (info.resultData !== undefined) await releaseByPolicy(ended, 'failure', context, unit);
}

interface Failure {
  code: string;
  message: string;
  cause: Cause;
}

function failureOf(info: ProgressInfo): Failure {
  const { statusCodeData } = info.notificationPointStatus;
  const { subjectCode, reasonCode, message = '' } = statusCodeData ?? NO_CODE;
  const code = formatStatusCode({ subjectCode, reasonCode });
  const result = installationErrorOf(info);
  if (result === undefined) {
    return { code, message, cause: { cause: causeOf(info, code), ...withDetail(message) } };
  }
  const { command, reason } = result;
  return {
    // The eUICC's codes are more specific than those of ES2+.
    code: result.code,
    message: `The eUICC reported ${reason} in ${command}`,
    cause: {
      cause: code === ALREADY_THERE ? 'already on the device' : 'installation failed on the device',
      detail: `${command}: ${reason}`,
    },
  };
}

const NO_CODE = { subjectCode: '8', reasonCode: '4.2', message: 'The SM-DP+ gave no reason' };
const ORDER_EXPIRED = '8.8.5/4.10';
/** The ICCID is on the eUICC, most likely from a download whose notification was lost. */
const ALREADY_THERE = '8.2.1/3.3';

function causeOf({ notificationPointId: point }: ProgressInfo, code: string): string {
  if (code === ORDER_EXPIRED) return 'order expired';
  if (point === notificationPoints.eligibilityAndRetryLimitCheck) {
    return 'too many download attempts';
  }
  if (point === notificationPoints.confirmationFailure) return 'confirmation code refused';
  return 'download cancelled by the device';
}

function installationErrorOf(
  info: ProgressInfo,
): { code: string; command: string; reason: string } | undefined {
  if (info.resultData === undefined) return undefined;
  const { finalResult } = decodeResultData(Uint8Array.fromBase64(info.resultData));
  if (finalResult.errorResult === undefined) return undefined;
  const { bppCommandId, errorReason } = finalResult.errorResult;
  return {
    code: `${bppCommandId}/${errorReason}`,
    command: nameOf(bppCommandIds, bppCommandId) ?? `command ${bppCommandId}`,
    reason: nameOf(errorReasons, errorReason) ?? `errorReason ${errorReason}`,
  };
}

function detailOf({ eid }: ProgressInfo): string | undefined {
  return eid === undefined ? undefined : `EID ${eid}`;
}

function withDetail(detail: string | undefined): { detail?: string } {
  return detail === undefined || detail === '' ? {} : { detail };
}
