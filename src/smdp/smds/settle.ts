// One call to an SM-DS about an event, and what is known, and to be done, after it.
import { createHash } from 'node:crypto';
import type { Context } from '../../context.ts';
import type { Es12Client, Es12Function } from '../../es12/client.ts';
import { CANCELLED } from '../../outgoing/failure.ts';
import { PeerUnavailable } from '../../outgoing/peer-unavailable.ts';
import { FunctionExecutionError } from '../../rsp/function-execution-error.ts';
import type { StatusCode } from '../../rsp/status-codes.ts';
import { formatStatusCode } from '../../rsp/status-codes.ts';
import type { SmdsEventRow } from '../../store/schema.ts';
import type { Unit } from '../../unit.ts';
import { apiDate } from '../../values/date.ts';
import { GIVEN_UP_AFTER, pauseBeforeNext } from './schedule.ts';

export type SettleContext = Pick<Context, 'config' | 'metrics' | 'now' | 'log' | 'transact'>;

interface Outcome {
  name: Es12Function;
  request: object;
  /** What the SM-DS has then. */
  state: SmdsEventRow['state'];
  failure?: StatusCode & { message: string };
  /** Broken off by this server. */
  isCancelled?: boolean;
  /** Whether the SM-DS may have learned of the call. */
  wasSent: boolean;
  dateStarted: Date;
  durationMs: number;
}

/**
 * @param event as it was when it was claimed
 * @param lockedUntil the end of the claim
 * @returns whether the SM-DS has answered
 */
export async function settleEvent(
  event: SmdsEventRow,
  lockedUntil: string,
  client: Es12Client,
  context: SettleContext,
): Promise<boolean> {
  // If this node was suspended since it claimed the event, another may have it by now.
  if (lockedUntil <= context.now().toISOString()) return false;
  const outcome = await call(event, client, context);
  await context.transact((unit) => record(event, lockedUntil, outcome, unit));
  const { failure, name, isCancelled = false } = outcome;
  if (isCancelled) return false;
  context.metrics.es12Call(name, failure === undefined ? null : formatStatusCode(failure));
  const fields = { smds: event.address, order: event.ordered_by, function: name };
  if (failure === undefined) context.log.info(fields, 'an event was settled at an SM-DS');
  else context.log.warn({ ...fields, reason: failure.message }, 'an SM-DS failed; it is retried');
  return failure?.reasonCode !== '5.1';
}

async function call(
  event: SmdsEventRow,
  client: Es12Client,
  { config, now }: SettleContext,
): Promise<Outcome> {
  const { eid, event_id: eventId, wanted, state, forwards } = event;
  const name = wanted === 1 ? 'registerEvent' : 'deleteEvent';
  const dateStarted = now();
  const started = performance.now();
  const key = { functionCallIdentifier: callIdentifier(name, event), eid, eventId };
  const request =
    wanted === 1
      ? { ...key, rspServerAddress: config.smdpAddress, forwardingIndicator: forwards === 1 }
      : key;
  const end = (rest: Pick<Outcome, 'state' | 'wasSent' | 'failure' | 'isCancelled'>): Outcome => ({
    name,
    request,
    dateStarted,
    durationMs: Math.round(performance.now() - started),
    ...rest,
  });
  try {
    await client[name](request as Parameters<Es12Client['registerEvent']>[0]);
    return end({ state: wanted === 1 ? 'registered' : 'absent', wasSent: true });
  } catch (error) {
    if (error instanceof FunctionExecutionError) {
      const { subjectCode, reasonCode, message } = error;
      return end({ state, wasSent: true, failure: { subjectCode, reasonCode, message } });
    }
    if (!(error instanceof PeerUnavailable)) throw error;
    const wasSent = error.arrival === 'sent';
    if (error.message === CANCELLED) return end({ state: 'unknown', wasSent, isCancelled: true });
    const failure = { subjectCode: '8.9', reasonCode: '5.1', message: error.message } as const;
    return end({ state: wasSent ? 'unknown' : state, wasSent, failure });
  }
}

/** §5.2.6: the same whenever a call is repeated; without anything of the order, which is none of the SM-DS's business. */
function callIdentifier(name: Es12Function, event: SmdsEventRow): string {
  const { account_sid, iccid, order_number, event_id, eid } = event;
  const order = [account_sid, iccid, order_number, event_id, eid].join(' ');
  return createHash('sha256').update(`${name} ${order}`).digest('hex').slice(0, 32);
}

async function record(
  event: SmdsEventRow,
  lockedUntil: string,
  outcome: Outcome,
  unit: Unit,
): Promise<void> {
  const { tables, now } = unit;
  const current = await tables.smdsEvents.get(event);
  if (current === undefined) return;
  const date = now.toISOString();
  if (current.locked_until !== lockedUntil) {
    // The claim was lost, but the call has come after that of the other node: what the SM-DS has must be set right.
    const isFree = current.locked_until === null || current.locked_until <= date;
    if (!outcome.wasSent || !isFree) return;
    const { error } = current;
    const again = { state: 'unknown', next_attempt_at: date, locked_until: null } as const;
    await tables.smdsEvents.settle(event, { ...again, error, date_updated: date });
    return;
  }
  await tables.smdsEvents.settle(event, {
    state: outcome.state,
    ...next(current, event, outcome, now),
    locked_until: null,
    date_updated: date,
  });
  if (outcome.isCancelled !== true) await log(current, outcome, unit);
}

function next(
  current: SmdsEventRow,
  event: SmdsEventRow,
  { state, failure }: Outcome,
  now: Date,
): Pick<SmdsEventRow, 'error' | 'next_attempt_at'> {
  const isSettled = state === (current.wanted === 1 ? 'registered' : 'absent');
  if (isSettled) return { error: null, next_attempt_at: null };
  // Decided otherwise while the call was under way.
  if (failure === undefined || current.wanted !== event.wanted) {
    return { error: null, next_attempt_at: now.toISOString() };
  }
  const error = textOf(failure);
  const { attempts } = current;
  if (current.wanted === 0 && attempts >= GIVEN_UP_AFTER) return { error, next_attempt_at: null };
  const pause = pauseBeforeNext(attempts);
  return { error, next_attempt_at: new Date(now.getTime() + pause).toISOString() };
}

const textOf = (failure: StatusCode & { message: string }) =>
  `${formatStatusCode(failure)}: ${failure.message}`;

/** The log of the order has each outcome once, however often it is retried. */
async function log(
  { account_sid, ordered_by, eid, address, error }: SmdsEventRow,
  { name, request, failure, dateStarted, durationMs }: Outcome,
  { tables, sids, now }: Unit,
): Promise<void> {
  if (ordered_by === '') return;
  if (failure !== undefined && textOf(failure) === error) return;
  await tables.rspLog.insertMany([
    {
      account_sid,
      esim_profile_sid: ordered_by,
      sid: sids.next('rspLog', now),
      function: name,
      transaction_id: null,
      eid,
      tac: null,
      imei: null,
      lpa: null,
      binding: null,
      address,
      duration_ms: durationMs,
      status: failure === undefined ? 'Executed-Success' : 'Failed',
      subject_code: failure?.subjectCode ?? null,
      reason_code: failure?.reasonCode ?? null,
      message: failure?.message ?? null,
      request: JSON.stringify(request, null, 2),
      response: null,
      date_created: apiDate(dateStarted),
    },
  ]);
}
