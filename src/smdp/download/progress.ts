// §5.3.5: the SM-DP+ reports progress to the profile's operator, in the same unit as its own changes.
import { randomUUID } from 'node:crypto';
import type { Context } from '../../context.ts';
import type { FunctionExecutionStatus } from '../../es2plus/functions.ts';
import type { NotificationPoint } from '../../es2plus/notification-points.ts';
import { notificationPoints } from '../../es2plus/notification-points.ts';
import { FunctionExecutionError } from '../../rsp/function-execution-error.ts';
import type { StatusCode } from '../../rsp/status-codes.ts';
import type { SubscriptionRow } from '../../store/schema.ts';
import type { Unit } from '../../unit.ts';
import { apiDate } from '../../values/date.ts';
import type { ProgressInfo } from '../operators/progress-report.ts';
import { enqueueProgressReport, isReported } from '../operators/progress-report.ts';

/** The dependencies of a report. */
export type Reporter = Pick<Context, 'operator' | 'config' | 'log'>;

export interface Progress {
  point: NotificationPoint;
  status: FunctionExecutionStatus;
  /** DER of the ProfileInstallationResult, with its signature, if any. */
  resultData?: Uint8Array;
}

export const SUCCESS: FunctionExecutionStatus = { status: 'Executed-Success' };

/** A failure with its message. */
export type Failure = StatusCode & { message: string };

/** The order has ended. */
export function failedWith({ subjectCode, reasonCode, message }: Failure): FunctionExecutionStatus {
  return { status: 'Failed', statusCodeData: { subjectCode, reasonCode, message } };
}

/** Something went wrong, but the order is unchanged. */
export function warnedOf(failure: Failure): FunctionExecutionStatus {
  return { ...failedWith(failure), status: 'Executed-WithWarning' };
}

/**
 * ES2+.HandleDownloadProgressInfo. If an account's own operator refuses it, because it knows no such order, the refusal is
 * logged and has no effect on the profile, the device or other orders.
 */
export async function reportProgress(
  profile: SubscriptionRow,
  progress: Progress,
  { operator, config, log }: Reporter,
  unit: Unit,
): Promise<void> {
  const { account_sid: accountSid, iccid, operator_sid: operatorSid } = profile;
  const info = infoOf(profile, progress, unit);
  if (operatorSid !== null) return enqueueProgressReport(profile, operatorSid, info, unit);
  const header = { functionRequesterIdentifier: config.smdpAddress, ...info.header };
  try {
    await operator(accountSid, unit).handleDownloadProgressInfo({ ...info, header });
  } catch (refused) {
    if (!(refused instanceof FunctionExecutionError)) throw refused;
    const { message } = refused;
    log.warn(
      { account: accountSid, iccid, point: progress.point, reason: message },
      'the operator refused a report',
    );
  }
}

/**
 * A step that changes nothing: only those who order over ES2+ are told of it, so nothing is done for others.
 * @param once for what may happen again and again without an end
 */
export async function reportStep(
  profile: SubscriptionRow,
  progress: Progress,
  unit: Unit,
  { once = false } = {},
): Promise<void> {
  const { operator_sid: operatorSid } = profile;
  if (operatorSid === null) return;
  const info = infoOf(profile, progress, unit);
  if (once && (await isReported(profile, info, unit.tables))) return;
  await enqueueProgressReport(profile, operatorSid, info, unit);
}

function infoOf(
  { iccid, profile_type: profileType, eid }: SubscriptionRow,
  { point, status, resultData }: Progress,
  { now }: Unit,
): ProgressInfo {
  return {
    header: { functionCallIdentifier: randomUUID() },
    iccid,
    profileType,
    ...(eid === null ? {} : { eid }),
    timestamp: apiDate(now),
    notificationPointId: notificationPoints[point],
    notificationPointStatus: status,
    ...(resultData === undefined ? {} : { resultData: resultData.toBase64() }),
  };
}
