// The reservation: takes an order from `new` to `available` with the SM-DP+'s ES2+ functions.
import type { Config } from '../config.ts';
import type { Context } from '../context.ts';
import type { MasterKey } from '../process/keys.ts';
import { Conflict } from '../store/errors.ts';
import type { EsimProfileRow } from '../store/schema.ts';
import type { Unit } from '../unit.ts';
import type { Store } from '../store/store.ts';
import { allEnded } from '../store/together.ts';
import type { SmdpFunctions } from '../es2plus/functions.ts';
import type { FunctionExecutionError } from '../rsp/function-execution-error.ts';
import { formatStatusCode } from '../rsp/status-codes.ts';
import { changeStatus, takeSteps } from './esim-profile.ts';
import type { Step } from './esim-profile.ts';
import { openConfirmationCode } from './confirmation-code.ts';
import { orderProfile, SmdpRefused } from './order-at-smdp.ts';
import type { Held, Reserved } from './order-at-smdp.ts';
import { ensureSim } from './sim.ts';

/** The only eSIM-specific code in the API's error dictionary. */
export const NO_STOCK = { error_code: '83500', error_message: 'No eSIM Profiles are available' };

/** The reservation itself failed; the log says why. */
export const NOT_CARRIED_OUT = { error_code: '20500', error_message: 'The reservation failed' };

/** The SM-DP+'s profile for an order, or its refusal. */
type Outcome = { reserved: Reserved } | { refused: FunctionExecutionError };

/**
 * Reserves up to `limit` orders at the SM-DP+, oldest first. Orders and profiles are in one database, so a batch is
 * all or nothing: whatever dies in between, no subscription is lost or assigned twice. If a batch fails, its orders
 * are tried one by one, so one does not hold up the others, nor do two that want the same ICCID or MatchingID.
 * @returns how many orders were processed
 */
export async function reserveBatch(
  context: Pick<Context, 'store' | 'transact' | 'config' | 'log' | 'masterKey' | 'smdp'>,
  limit: number,
): Promise<number> {
  const { store, transact, log } = context;
  async function reserveClaimed(unit: Unit, count: number): Promise<EsimProfileRow[]> {
    const orders = await unit.tables.esimProfiles.claimToReserve(count);
    // Concurrently, so their queries are batched.
    return allEnded(orders.map((order) => reserve(order, unit, context)));
  }
  try {
    return (await transact((unit) => reserveClaimed(unit, limit))).length;
  } catch (error) {
    if (store.isUnavailable(error)) throw error;
    if (!(error instanceof Conflict)) {
      log.error({ err: error }, 'a batch of reservations failed; its orders are tried one by one');
    }
  }
  let count = 0;
  for (; count < limit; count++) {
    try {
      const reserved = await transact((unit) => reserveClaimed(unit, 1));
      if (reserved.length === 0) break;
    } catch (error) {
      if (mayPass(error, store)) throw error;
      await giveUpOldest(error, context);
    }
  }
  return count;
}

/** Whether a failure is temporary, not caused by the order. */
export function mayPass(error: unknown, store: Store): boolean {
  return error instanceof Conflict || store.isUnavailable(error);
}

async function giveUpOldest(
  error: unknown,
  { transact, log }: Pick<Context, 'transact' | 'log'>,
): Promise<void> {
  await transact(async (unit) => {
    const [order] = await unit.tables.esimProfiles.claimToReserve(1);
    if (order === undefined) return;
    log.error({ err: error, profile: order.sid }, 'the reservation of an order failed');
    const cause = { cause: 'the reservation failed' };
    await changeStatus(order, 'failed', NOT_CARRIED_OUT, cause, unit);
  });
}

/**
 * Takes one order to `available` or `failed`, within the unit.
 * @param held taken out of stock for it; by default, any of its profile type
 */
export async function reserve(
  order: EsimProfileRow,
  unit: Unit,
  { config, masterKey, smdp }: Pick<Context, 'config' | 'masterKey' | 'smdp'>,
  held?: Held,
): Promise<EsimProfileRow> {
  const outcome = await orderAtSmdp(
    order,
    masterKey,
    smdp(order.account_sid, unit, { subject: order.sid, order, task: { kind: 'reserve' } }),
    config,
    held,
  );
  const end = await endOf(order, outcome, unit);
  // An order already in `reserving` was left by a process that died.
  return takeSteps(order, order.status === 'reserving' ? [end] : [BEGUN, end], unit);
}

export const BEGUN: Step = { status: 'reserving', cause: { cause: 'reservation begun' } };

async function endOf(order: EsimProfileRow, outcome: Outcome, unit: Unit): Promise<Step> {
  if ('refused' in outcome) {
    const { refused } = outcome;
    const detail = `${formatStatusCode(refused)}: ${refused.message}`;
    return {
      status: 'failed',
      fields: failure(refused),
      cause: { cause: 'SM-DP+ refused', detail },
    };
  }
  return stepToAvailable(order, outcome.reserved, unit);
}

/** The step of an order whose profile is released. */
export async function stepToAvailable(
  { account_sid: accountSid, profile_type: asked }: EsimProfileRow,
  { profile_type: type, ...reserved }: Reserved,
  unit: Unit,
): Promise<Step> {
  const sim = await ensureSim(accountSid, reserved.iccid, unit);
  const isLearned = asked === null && type !== null;
  const learned = isLearned ? { profile_type: type, profile_type_learned: 1 as const } : {};
  const fields = { ...reserved, ...learned, sim_sid: sim.sid };
  return { status: 'available', fields, cause: { cause: 'released by the SM-DP+' } };
}

async function orderAtSmdp(
  order: EsimProfileRow,
  masterKey: MasterKey,
  smdp: SmdpFunctions,
  { smdpAddress, rentedSmdp }: Pick<Config, 'smdpAddress' | 'rentedSmdp'>,
  held: Held | undefined,
): Promise<Outcome> {
  const wanted = {
    accountSid: order.account_sid,
    sid: order.sid,
    eid: order.eid,
    profileType:
      order.wanted_iccid === null ? (order.profile_type ?? rentedSmdp?.profileType) : null,
    iccid: order.wanted_iccid ?? undefined,
    matchingId: order.generate_matching_id === 1 ? (order.chosen_matching_id ?? undefined) : '',
    confirmationCode: openConfirmationCode(order, masterKey),
    held,
  };
  try {
    return { reserved: await orderProfile(wanted, smdp, smdpAddress) };
  } catch (error) {
    if (error instanceof SmdpRefused) return { refused: error.refused };
    throw error;
  }
}

export function failure(error: FunctionExecutionError): {
  error_code: string;
  error_message: string;
} {
  if (error.is('8.2.5', '3.7')) return NO_STOCK;
  return {
    error_code: formatStatusCode(error),
    error_message: error.message,
  };
}
