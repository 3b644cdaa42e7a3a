// §3.1.3.3, §3.5: applies verified notifications to profiles. Each is accepted once, however late and however often
// it arrives.
import type { Context } from '../../context.ts';
import type { NotificationPoint } from '../../es2plus/notification-points.ts';
import type {
  NotificationMetadata,
  ProfileInstallationResultData,
} from '../../rsp/definitions/notification.ts';
import type { Encoded } from '../../rsp/encoded.ts';
import { decodeIccid } from '../../rsp/identifiers.ts';
import type { ErrorReason } from '../../rsp/reasons.ts';
import { errorReasons, nameOf } from '../../rsp/reasons.ts';
import { FunctionExecutionError } from '../../rsp/function-execution-error.ts';
import type { ProfileState, RspLogRow, SubscriptionRow } from '../../store/schema.ts';
import type { Transaction } from '../../store/store.ts';
import { allEnded } from '../../store/together.ts';
import type { Unit } from '../../unit.ts';
import { changeState, markDeleted, NO_BINDING } from '../profile-state.ts';
import type { About } from './ordered-profile.ts';
import { aboutOf, isOrderOf } from './ordered-profile.ts';
import { endOrder } from './end-order.ts';
import { isExpired } from './order-expiry.ts';
import type { Failure, Reporter } from './progress.ts';
import { reportProgress, SUCCESS, warnedOf } from './progress.ts';
import type { Binding, Initiated, Proven, Session } from './session.ts';
import { digestOf, moveOn } from './session.ts';

export interface AppliedNotification {
  about: About | undefined;
  /** false: the same notification was accepted before, and has no effect. */
  isNew: boolean;
}

/** The log of a notification, for the unit of its changes. */
export type LogNotification = (about: About | undefined) => RspLogRow[];

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

/** Throws 8.2.1 / 3.9 if it is about another profile than its session's. */
export async function applyInstallationResult(
  result: Encoded<ProfileInstallationResultData>,
  session: Exclude<Session, Initiated>,
  context: Context,
  log: LogNotification,
): Promise<AppliedNotification> {
  const { notificationMetadata: metadata, finalResult } = result.value;
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
  return context.transact(async (unit) => {
    const { tables } = unit;
    const profile = await getProfile(proven, tables);
    const about = aboutOf(profile);
    if (profile.eid !== proven.eid) {
      throw new FunctionExecutionError('8.2.1', '3.9', 'The profile now belongs to another eUICC');
    }
    if (
      !(await acceptOnce(
        profile,
        { eid: proven.eid, event: 'install', metadata, der: result.der },
        unit,
      ))
    ) {
      return { about, isNew: false };
    }
    const { successResult, errorResult } = finalResult;
    await allEnded([
      endSession(session, log(about), unit),
      successResult !== undefined
        ? markInstalled(profile, result.der, context, unit)
        : markFailed(profile, { ...errorResult, resultData: result.der }, binding, context, unit),
    ]);
    return { about, isNew: true };
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
  return context.transact(async (unit) => {
    const { tables } = unit;
    const profiles = await tables.subscriptions.findByEid(eid);
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
    if (!(await acceptOnce(profile, { eid, event, metadata, der }, unit))) {
      return { about, isNew: false };
    }
    await tables.rspLog.insertMany(log(about));
    const point = POINTS[event];
    if (point === undefined) return { about, isNew: true };
    // §3.1.3.3: an enabled profile must have been installed, even if the result was lost.
    const isInstalled = point === 'bppInstallation' || point === 'enabled';
    const told =
      isInstalled && profile.state === 'Downloaded'
        ? await changeState(profile, 'Installed', {}, unit)
        : point === 'deleted' && (profile.state === 'Installed' || profile.state === 'Error')
          ? await markDeleted(profile, unit)
          : profile;
    await reportProgress(told, { point, status: SUCCESS }, context, unit);
    return { about, isNew: true };
  });
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
  logged: RspLogRow[],
  unit: Unit,
): Promise<void> {
  const isInTime = session.dateExpires >= unit.now.toISOString();
  if (session.step !== 'ended') {
    await moveOn(session, { step: 'ended' }, isInTime ? logged : [], unit);
    if (isInTime) return;
  }
  await unit.tables.rspLog.insertMany(logged);
}

async function getProfile(
  proven: Proven,
  { subscriptions }: Transaction,
): Promise<SubscriptionRow> {
  const profile = await subscriptions.find(proven.accountSid, proven.iccid);
  if (profile === undefined || !isOrderOf(proven, profile)) {
    throw new FunctionExecutionError('8.2.1', '3.9', 'The profile is no longer ordered');
  }
  return profile;
}

interface Accepted {
  eid: string;
  event: string;
  metadata: NotificationMetadata;
  /** The signed bytes, which identify the notification. */
  der: Uint8Array;
}

function acceptOnce(
  { account_sid, iccid }: SubscriptionRow,
  { eid, event, metadata, der }: Accepted,
  { tables, now }: Unit,
): Promise<boolean> {
  return tables.rspNotifications.insert({
    eid,
    digest: digestOf(der),
    account_sid,
    iccid,
    sequence_number: metadata.seqNumber,
    event,
    date_created: now.toISOString(),
  });
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
  const installed = isPending ? await changeState(profile, 'Installed', {}, unit) : profile;
  const point = 'bppInstallation';
  await reportProgress(installed, { point, status: SUCCESS, resultData }, reporter, unit);
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
