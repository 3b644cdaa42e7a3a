// §3.1.3.3, §3.5: applies verified notifications to profiles. Each is accepted once, however late and however often
// it arrives.
import type { Context } from '../../context.ts';
import type { NotificationPoint } from '../../es2plus/notification-points.ts';
import { ProfileInstallationResult } from '../../rsp/definitions/notification.ts';
import type { NotificationMetadata } from '../../rsp/definitions/notification.ts';
import type { Encoded } from '../../rsp/encoded.ts';
import { decodeIccid } from '../../rsp/identifiers.ts';
import type { ErrorReason } from '../../rsp/reasons.ts';
import { errorReasons, nameOf } from '../../rsp/reasons.ts';
import { FunctionExecutionError } from '../../rsp/function-execution-error.ts';
import type { ProfileState, SubscriptionRow } from '../../store/schema.ts';
import { allEnded } from '../../store/together.ts';
import type { Unit } from '../../unit.ts';
import { changeState, markDeleted, NO_BINDING } from '../profile-state.ts';
import type { LoggedCall } from './call.ts';
import { toLogRow } from './call.ts';
import type { About } from './ordered-profile.ts';
import { aboutOf, isOrderOf } from './ordered-profile.ts';
import { endOrder } from './end-order.ts';
import { isExpired } from './order-expiry.ts';
import type { Failure, Reporter } from './progress.ts';
import { reportProgress, SUCCESS, warnedOf } from './progress.ts';
import type { Binding, Initiated, Session } from './session.ts';
import { digestOf, moveOn } from './session.ts';

export interface AppliedNotification {
  about: About | undefined;
  /** false: the same notification was accepted before, and has no effect. */
  isNew: boolean;
}

/** The log of a notification, for the unit of its changes. */
export type LogNotification = (about: About | undefined) => LoggedCall[];

/** States of profiles that have been sent to an eUICC. Unavailable: cancelled after that. */
export const DELIVERED: readonly ProfileState[] = [
  'Downloaded',
  'Installed',
  'Error',
  'Unavailable',
];

/** Temporary errors, after which the same eUICC may retry (§3.1.3.3). */
const RETRYABLE: readonly ErrorReason[] = [
  'installFailedDueToInsufficientMemoryForProfile',
  'installFailedDueToInterruption',
];

/**
 * §2.5.6. From an eUICC that was sent this profile before, this is not a failure of the order: most likely that
 * download was installed and its notification lost. Nor is it a success: it proves only that some profile with this
 * ICCID is installed, which the earlier download may also have found. So the order stays `downloaded`, until the
 * result of the earlier download arrives, which the eUICC keeps until it is delivered (§3.5), or a notification that
 * the profile was installed or enabled. From an eUICC that was sent it for the first time, it is a failure like any
 * other.
 */
const ALREADY_THERE: ErrorReason = 'installFailedDueToIccidAlreadyExistsOnEuicc';

/**
 * Throws 8.2.1 / 3.9 if it is about another profile than its session's.
 * @param profile that the session was authenticated for, whichever order it is under now
 */
export async function applyInstallationResult(
  signed: ProfileInstallationResult,
  session: Exclude<Session, Initiated>,
  profile: SubscriptionRow | undefined,
  context: Context,
  log: LogNotification,
): Promise<AppliedNotification> {
  const { value, der } = signed.profileInstallationResultData;
  const { notificationMetadata: metadata, finalResult } = value;
  const iccid = metadata.iccid === undefined ? undefined : decodeIccid(metadata.iccid);
  // Without a bound profile package, nothing can have been installed.
  const { proven } = session;
  const binding = session.step === 'authenticated' ? undefined : session.binding;
  if (
    proven === undefined ||
    binding === undefined ||
    (iccid !== undefined && iccid !== proven.iccid)
  ) {
    throw new FunctionExecutionError(
      '8.2.1',
      '3.9',
      'The notification is about another profile than its session',
    );
  }
  if (profile === undefined || !isOrderOf(proven, profile)) {
    throw new FunctionExecutionError('8.2.1', '3.9', 'The profile is no longer ordered');
  }
  if (profile.eid !== proven.eid) {
    throw new FunctionExecutionError('8.2.1', '3.9', 'The profile now belongs to another eUICC');
  }
  const about = aboutOf(profile);
  const { successResult, errorResult } = finalResult;
  return onlyOnce(about, context, async (unit) => {
    const accepted = { eid: proven.eid, event: 'install', metadata, der };
    const resultData = ProfileInstallationResult.encode(signed);
    await allEnded([
      acceptOnce(profile, accepted, unit),
      endSession(session, log(about), unit),
      successResult !== undefined
        ? markInstalled(profile, resultData, context, unit)
        : markFailed(profile, { ...errorResult, resultData }, binding, context, unit),
    ]);
  });
}

/**
 * Enable, disable, delete, and install if the metadata requests that besides the result: added to the history. Throws
 * 8.2.1 / 3.9 if this eUICC has no such profile from us.
 */
export async function applyOtherNotification(
  { value: metadata, der }: Encoded<NotificationMetadata>,
  eid: string,
  context: Context,
  log: LogNotification,
): Promise<AppliedNotification> {
  const iccid = metadata.iccid === undefined ? undefined : decodeIccid(metadata.iccid);
  const profiles = await context.store.subscriptions.findByEid(eid);
  const profile = profiles.find(
    (candidate) => candidate.iccid === iccid && DELIVERED.includes(candidate.state),
  );
  if (profile === undefined) {
    throw new FunctionExecutionError(
      '8.2.1',
      '3.9',
      'This eUICC has no such profile from this SM-DP+',
    );
  }
  const about = aboutOf(profile);
  const [event = 'unknown'] = metadata.profileManagementOperation;
  return onlyOnce(about, context, async (unit) => {
    await allEnded([
      acceptOnce(profile, { eid, event, metadata, der }, unit),
      unit.tables.rspLog.insertMany(log(about).map(toLogRow)),
      tellOperator(profile, POINTS[event], context, unit),
    ]);
  });
}

async function tellOperator(
  profile: SubscriptionRow,
  point: NotificationPoint | undefined,
  reporter: Reporter,
  unit: Unit,
): Promise<void> {
  if (point === undefined) return;
  // §3.1.3.3: an enabled profile must have been installed, even if the result was lost.
  const isInstalled = point === 'bppInstallation' || point === 'enabled';
  const isDeleted = point === 'deleted' && ['Installed', 'Error'].includes(profile.state);
  const changed =
    isInstalled && profile.state === 'Downloaded'
      ? [changeState(profile, 'Installed', {}, unit)]
      : isDeleted
        ? [markDeleted(profile, unit)]
        : [];
  const reported = reportProgress(profile, { point, status: SUCCESS }, reporter, unit);
  await allEnded<readonly unknown[]>([...changed, reported]);
}

/** Notifications that are reported to the operator. */
export const POINTS: Partial<Record<string, NotificationPoint>> = {
  notificationInstall: 'bppInstallation',
  notificationEnable: 'enabled',
  notificationDisable: 'disabled',
  notificationDelete: 'deleted',
};

/** The log of a session covers its lifetime. What comes later is kept for as long as that day requires. */
async function endSession(
  session: Exclude<Session, Initiated>,
  logged: LoggedCall[],
  unit: Unit,
): Promise<void> {
  const isInTime = session.dateExpires >= unit.now.toISOString();
  if (session.step !== 'ended') {
    await moveOn(session, { step: 'ended' }, isInTime ? logged : [], unit);
    if (isInTime) return;
  }
  await unit.tables.rspLog.insertMany(logged.map(toLogRow));
}

interface Accepted {
  eid: string;
  event: string;
  metadata: NotificationMetadata;
  /** The signed bytes, which identify the notification. */
  der: Uint8Array;
}

/** The same notification was accepted before. */
class AcceptedBefore extends Error {
  override name = 'AcceptedBefore';
}

/** Undoes everything if `acceptOnce`, which comes first in it, finds that the notification was accepted before. */
async function onlyOnce(
  about: About | undefined,
  { share }: Context,
  apply: (unit: Unit) => Promise<void>,
): Promise<AppliedNotification> {
  try {
    await share(apply);
    return { about, isNew: true };
  } catch (error) {
    if (!(error instanceof AcceptedBefore)) throw error;
    return { about, isNew: false };
  }
}

async function acceptOnce(
  { account_sid, iccid }: SubscriptionRow,
  { eid, event, metadata, der }: Accepted,
  { tables, now }: Unit,
): Promise<void> {
  const isNew = await tables.rspNotifications.insert({
    eid,
    digest: digestOf(der),
    account_sid,
    iccid,
    sequence_number: metadata.seqNumber,
    event,
    date_created: now.toISOString(),
  });
  if (!isNew) throw new AcceptedBefore();
}

async function markInstalled(
  profile: SubscriptionRow,
  resultData: Uint8Array,
  reporter: Reporter,
  unit: Unit,
): Promise<void> {
  // An enable notification has told it before.
  if (profile.state === 'Installed') return;
  // An order that has ended stays so, whatever a package does that had left before; but its operator is told.
  const isPending = profile.state === 'Downloaded';
  const changed = isPending ? [changeState(profile, 'Installed', {}, unit)] : [];
  const point = 'bppInstallation';
  const reported = reportProgress(profile, { point, status: SUCCESS, resultData }, reporter, unit);
  await allEnded<readonly unknown[]>([...changed, reported]);
}

async function markFailed(
  profile: SubscriptionRow,
  { errorReason, resultData }: { errorReason: number; resultData: Uint8Array },
  binding: Binding,
  context: Context,
  unit: Unit,
): Promise<void> {
  const reason = nameOf(errorReasons, errorReason);
  const point = 'bppInstallation';
  const isThere = reason === ALREADY_THERE && binding.before;
  const failure = isThere ? IS_THERE : NOT_INSTALLED;
  const mayRetry = RETRYABLE.some((name) => name === reason) && !isExpired(profile, context);
  if (isThere || mayRetry || profile.state !== 'Downloaded') {
    if (isThere && profile.state === 'Downloaded') {
      // The binding has its result, so other profiles for this EID now come first.
      await changeState(profile, 'Downloaded', NO_BINDING, unit);
    }
    const status = warnedOf(failure);
    await reportProgress(profile, { point, status, resultData }, context, unit);
    return;
  }
  await endOrder(profile, 'installation', { point, failure, resultData }, context, unit);
}

const IS_THERE: Failure = {
  subjectCode: '8.2.1',
  reasonCode: '3.3',
  message: 'The eUICC already has a profile with this ICCID',
};
const NOT_INSTALLED: Failure = {
  subjectCode: '8.2.10',
  reasonCode: '4.2',
  message: 'The eUICC could not install the profile',
};
