// §3.1.3.3, §3.5: verified notifications, and what they mean for a profile. Each is accepted once, however
// late it comes and however often.
import type { Context } from '../../context.ts';
import type {
  NotificationMetadata,
  ProfileInstallationResultData,
} from '../../rsp/definitions/notification.ts';
import { decodeIccid } from '../../rsp/identifiers.ts';
import type { ErrorReason } from '../../rsp/reasons.ts';
import { bppCommandIds, errorReasons, nameOf } from '../../rsp/reasons.ts';
import { FunctionExecutionError } from '../../rsp/function-execution-error.ts';
import type { ProfileState, RspSessionRow } from '../../store/schema.ts';
import type { Transaction } from '../../store/store.ts';
import type { Unit } from '../../unit.ts';
import { changeState, NO_BINDING } from '../profile-state.ts';
import type { OrderedProfile } from './ordered-profile.ts';
import { findOrderOfProfile } from './ordered-profile.ts';
import { endOrder } from './end-order.ts';
import { isExpired } from './order-expiry.ts';
import { changeStatus, insertNotificationEvent } from '../../operator/esim-profile.ts';
import { digestOf } from './rsp-session.ts';

/** The profile that a notification was about. */
export interface About {
  accountSid: string;
  esimProfileSid: string;
}

export interface AppliedNotification {
  about: About;
  /** false: this very notification was accepted before, and has changed nothing. */
  isNew: boolean;
}

/** Writes the log of a notification with what it changes. */
export type LogNotification = (about: About, unit: Unit) => Promise<void>;

/** A profile in these states has been on its way to an eUICC. */
const DELIVERED: readonly ProfileState[] = ['Downloaded', 'Installed', 'Error'];

/** After these the same eUICC may try again (§3.1.3.3): what hindered it can pass. */
const RETRYABLE: readonly ErrorReason[] = [
  'installFailedDueToInsufficientMemoryForProfile',
  'installFailedDueToInterruption',
];

/**
 * §2.5.6. From an eUICC that had been given this very profile before, it is no failure of the order: most
 * likely that download was installed and its notification lost. Nor is it a success: what it proves is that
 * some profile of this ICCID is there, and the download before may have met the same one. So the order stays
 * `downloaded`. What decides is the result of the download before, which the eUICC keeps until it is told
 * (§3.5), or a notification that the profile was enabled. From an eUICC that was given it for the first time
 * it is a failure like any other.
 */
const ALREADY_THERE: ErrorReason = 'installFailedDueToIccidAlreadyExistsOnEuicc';

/**
 * Throws 8.2.1 / 3.9 when it is about another profile than its session was bound to.
 * @param signed the bytes that the signature covers: they name the notification
 */
export async function applyInstallationResult(
  result: ProfileInstallationResultData,
  signed: Uint8Array,
  session: RspSessionRow,
  context: Context,
  log: LogNotification,
): Promise<AppliedNotification> {
  const { notificationMetadata: metadata, finalResult } = result;
  const iccid = metadata.iccid === undefined ? undefined : decodeIccid(metadata.iccid);
  // Without a bound profile package there is nothing that can have been installed.
  if (session.smdp_sign === null || (iccid !== undefined && iccid !== session.iccid)) {
    throw new FunctionExecutionError(
      '8.2.1',
      '3.9',
      'The notification is about another profile than its session',
    );
  }
  const { order, isNew } = await context.transact(async (unit) => {
    const { tables } = unit;
    const found = await getOrder(session.account_sid!, session.iccid!, tables);
    if (found.profile.eid !== session.eid) {
      throw new FunctionExecutionError('8.2.1', '3.9', 'The profile is of another eUICC by now');
    }
    if (!(await acceptOnce(found, metadata, session.eid!, signed, 'install', unit))) {
      return { order: found, isNew: false };
    }
    await log(aboutOf(found), unit);
    if (session.step !== 'ended') {
      await tables.rspSessions.advance(session.step, {
        transaction_id: session.transaction_id,
        step: 'ended',
      });
    }
    const { successResult, errorResult } = finalResult;
    if (successResult !== undefined) {
      await markInstalled(found, `EID ${session.eid}`, unit);
    } else {
      await markFailed(found, errorResult, session, context, unit);
    }
    return { order: found, isNew: true };
  });
  return { about: aboutOf(order), isNew };
}

function aboutOf({ profile, esimProfile }: OrderedProfile): About {
  return { accountSid: profile.account_sid, esimProfileSid: esimProfile.sid };
}

/**
 * Enable, disable, delete: into the history. Throws 8.2.1 / 3.9 when this eUICC has no such profile from us.
 * @param signed the bytes that the signature covers: they name the notification
 */
export async function applyOtherNotification(
  metadata: NotificationMetadata,
  signed: Uint8Array,
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
    const order = await getOrder(profile.account_sid, profile.iccid, tables);
    const about = aboutOf(order);
    const [event = 'unknown'] = metadata.profileManagementOperation;
    if (!(await acceptOnce(order, metadata, eid, signed, event, unit))) {
      return { about, isNew: false };
    }
    await log(about, unit);
    // §3.1.3.3: what can be enabled has been installed, though that notification was lost.
    const esimProfile =
      event === 'notificationEnable'
        ? await markInstalled(order, 'told by its being enabled', unit)
        : order.esimProfile;
    const cause = { cause: CAUSES[event] ?? event, detail: `EID ${eid}` };
    await insertNotificationEvent(esimProfile, cause, unit);
    return { about, isNew: true };
  });
}

const CAUSES: Partial<Record<string, string>> = {
  notificationInstall: 'installed on the device',
  notificationEnable: 'enabled on the device',
  notificationDisable: 'disabled on the device',
  notificationDelete: 'deleted on the device',
};

async function getOrder(
  accountSid: string,
  iccid: string,
  tables: Transaction,
): Promise<OrderedProfile> {
  const order = await findOrderOfProfile(accountSid, iccid, tables);
  if (order === undefined) {
    throw new FunctionExecutionError('8.2.1', '3.9', 'The profile is not under order any more');
  }
  return order;
}

function acceptOnce(
  { profile }: OrderedProfile,
  metadata: NotificationMetadata,
  eid: string,
  signed: Uint8Array,
  event: string,
  { tables, now }: Unit,
): Promise<boolean> {
  return tables.rspNotifications.insert({
    eid,
    digest: digestOf(signed),
    account_sid: profile.account_sid,
    iccid: profile.iccid,
    sequence_number: metadata.seqNumber,
    event,
    date_created: now.toISOString(),
  });
}

async function markInstalled({ profile, esimProfile }: OrderedProfile, detail: string, unit: Unit) {
  if (profile.state !== 'Downloaded' || esimProfile.status !== 'downloaded') return esimProfile;
  await changeState(profile, 'Installed', {}, unit);
  const cause = { cause: 'installed on the device', detail };
  return changeStatus(esimProfile, 'installed', {}, cause, unit);
}

async function markFailed(
  order: OrderedProfile,
  error: { bppCommandId: number; errorReason: number },
  session: RspSessionRow,
  context: Context,
  unit: Unit,
): Promise<void> {
  const reason = nameOf(errorReasons, error.errorReason) ?? `errorReason ${error.errorReason}`;
  const command = nameOf(bppCommandIds, error.bppCommandId) ?? `command ${error.bppCommandId}`;
  const isThere = reason === ALREADY_THERE && session.bound_before === 1;
  const cause = {
    cause: isThere ? 'on the device already' : 'installation failed on the device',
    detail: `${command}: ${reason}`,
  };
  if (isThere && order.profile.state === 'Downloaded') {
    // The binding has had its result: what else waits for this EID comes first now.
    await changeState(order.profile, 'Downloaded', NO_BINDING, unit);
  }
  const mayRetry = RETRYABLE.some((name) => name === reason) && !isExpired(order, context);
  if (
    isThere ||
    mayRetry ||
    order.profile.state !== 'Downloaded' ||
    order.esimProfile.status !== 'downloaded'
  ) {
    await insertNotificationEvent(order.esimProfile, cause, unit);
    return;
  }
  await endOrder(
    order,
    'installation',
    {
      error_code: `${error.bppCommandId}/${error.errorReason}`,
      error_message: `The eUICC reported ${reason} in ${command}`,
    },
    cause,
    unit,
  );
}
