// Carries out a task that was written down before: by this process, or by one that has died since.
import type { Context } from '../../context.ts';
import { FunctionExecutionError } from '../../rsp/function-execution-error.ts';
import type { EsimProfileRow } from '../../store/schema.ts';
import type { Unit } from '../../unit.ts';
import { cancelOrder } from '../cancel-order.ts';
import { reissueMatchingId } from '../reissue-matching-id.ts';
import { releaseAgain } from '../replace-order.ts';
import { reserve } from '../reserve.ts';
import { updateOrder } from '../update-order.ts';
import type { TaskState } from './task-state.ts';

type TaskContext = Pick<Context, 'config' | 'masterKey' | 'smdp' | 'rented' | 'log'>;

/** Within the unit, which may need answers first. Throws what the rules throw. */
export async function carryOut(state: TaskState, context: TaskContext, unit: Unit): Promise<void> {
  const { accountSid, on } = state;
  const { task, subject } = on;
  if (task.kind === 'undo') return undo(state, context, unit);
  const order = await unit.tables.esimProfiles.find(accountSid, subject);
  // The task is for an item of a batch, whose job goes on with it.
  if (order === undefined) return;
  switch (task.kind) {
    case 'reserve':
      if (isWaiting(order)) await reserve(order, unit, context);
      return;
    case 'cancel':
      await cancelOrder(order, task.finalStatus, task.failure, task.cause, context, unit);
      return;
    case 'reissue':
      await reissueMatchingId(order, task.wanted, task.cause, context, unit);
      return;
    case 'update':
      await updateOrder(order, task.update, task.cause.detail ?? '', context, unit);
      return;
    case 'release again':
      await releaseAgain(order, task.replacement, task.cause, context, unit);
      return;
    // An item of a batch has no order of its SID.
    case 'hold':
    case 'return':
    default:
  }
}

export const isWaiting = ({ status }: EsimProfileRow): boolean =>
  status === 'new' || status === 'reserving';

/** Finds out what became of the order at the SM-DP+, by asking for the same once more, and cancels it. */
async function undo(state: TaskState, { smdp, log }: TaskContext, unit: Unit): Promise<void> {
  const { accountSid, on, calls } = state;
  const ordered = calls.get('downloadOrder 0');
  const wasAsked = (call: typeof ordered) => call?.state === 'asked' || call?.state === 'answered';
  if (ordered === undefined || !wasAsked(ordered)) return;
  const confirmed = calls.get('confirmOrder 0');
  const functions = smdp(accountSid, unit, on);
  const header = { functionRequesterIdentifier: accountSid, functionCallIdentifier: on.subject };
  const { eid } = ordered.request as { eid?: string };
  try {
    const { iccid } = await functions.downloadOrder({ header, ...ordered.request });
    const matchingId =
      confirmed !== undefined && wasAsked(confirmed)
        ? (await functions.confirmOrder({ header, ...(confirmed.request as Confirmed) })).matchingId
        : undefined;
    await functions.cancelOrder({
      header,
      iccid,
      ...(eid === undefined ? {} : { eid }),
      ...(matchingId === undefined ? {} : { matchingId }),
      finalProfileStatusIndicator: 'Available',
    });
  } catch (refused) {
    if (!(refused instanceof FunctionExecutionError)) throw refused;
    log.warn(
      { account: accountSid, order: on.subject, reason: refused.message },
      'the SM-DP+ refused to cancel what an order that has ended had ordered',
    );
  }
}

type Confirmed = Omit<Parameters<ReturnType<Context['smdp']>['confirmOrder']>[0], 'header'>;
