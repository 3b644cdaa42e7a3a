// Orders for the EID of an eUICC become downloads by themselves: the eIM follows the events of eSIM Profiles.
import type { EimContext } from './eim.ts';
import { waitsForOrder } from './fleet/gate.ts';
import { wantInjection } from './injection/want.ts';
import {
  addOperation,
  cancelOperation,
  endOperation,
  parametersOf,
} from './operations/operation.ts';
import { formatActivationCode, parseActivationCode } from '../rsp/activation-code.ts';
import type { EimOperationRow, EsimProfileRow, EuiccRow } from '../store/schema.ts';
import type { Unit } from '../unit.ts';
import { sidAt } from '../values/sid.ts';

/** Events read at once. */
const SLICE = 500;
/** An event may become visible so long after its SID was made: docs/events.md. */
const SETTLED_MS = 60_000;
/** Most are visible by then. The others are looked for less often, so that an event is not read again with each one after it. */
const SOON_MS = 300;
const WHOLE_EVERY_MS = 5_000;
/** A server that is told to stop waits for the end of a turn. */
const TURN_MS = 500;

export type FollowContext = Pick<EimContext, 'store' | 'transact' | 'now' | 'log' | 'eim'>;

/** What a process has followed beyond the mark of an account. */
interface Followed {
  /** SIDs of events. */
  considered: Set<string>;
  readTo: string;
  /** By the process's steady clock. */
  wholeAt: number;
  /** How far all events since the mark have been read again, if a turn has ended before the last. */
  wholeTo?: string;
}

/** By account. */
export type FollowedAccounts = Map<string, Followed>;

/**
 * Follows the events of an account, for some time, but at least one order further.
 * @returns whether all of them; `late`: some that became visible late may be left; `more`: there are more
 */
export async function followOrders(
  accountSid: string,
  accounts: FollowedAccounts,
  context: FollowContext,
  turnMs = TURN_MS,
): Promise<'all' | 'late' | 'more'> {
  const { store, transact, now } = context;
  const unknown = { considered: new Set<string>(), readTo: '', wholeAt: -Infinity };
  const followed: Followed = accounts.get(accountSid) ?? unknown;
  accounts.set(accountSid, followed);
  const { considered } = followed;
  const began = performance.now();
  const isOver = () => performance.now() >= began + turnMs;
  const isWhole = followed.wholeTo !== undefined || began >= followed.wholeAt + WHOLE_EVERY_MS;
  const mark = (await store.eimOperations.mark(accountSid)) ?? '';
  const sidAgo = (ms: number) => sidAt('event', new Date(now().getTime() - ms));
  const settled = sidAgo(SETTLED_MS);
  const [recent] = [followed.readTo, sidAgo(SOON_MS)].toSorted() as [string, string];
  const from = isWhole ? (followed.wholeTo ?? mark) : recent;
  let after = from < mark ? mark : from;
  let settledTo = mark;
  let more: boolean;
  let isLeft = false;
  do {
    const events = await store.esimProfileEvents.readBriefly(accountSid, after, SLICE);
    more = events.length === SLICE;
    const fresh = Map.groupBy(
      events.filter(({ sid }) => !considered.has(sid)),
      ({ esim_profile_sid: sid }) => sid,
    );
    let left = fresh.size;
    for (const [order, told] of fresh) {
      const mayMatter = told.some(({ type }) => type === 'status' || type === 'change');
      if (mayMatter) await considerOrder(accountSid, order, context);
      for (const { sid } of told) considered.add(sid);
      left -= 1;
      if (mayMatter && isOver()) break;
    }
    isLeft = left > 0;
    if (isLeft) break;
    after = events.at(-1)?.sid ?? after;
    settledTo = events.findLast(({ sid }) => sid < settled)?.sid ?? settledTo;
    isLeft = more && isOver();
  } while (more && !isLeft);
  if (after > followed.readTo) followed.readTo = after;
  if (!isWhole) return isLeft ? 'more' : 'late';
  if (isLeft) followed.wholeTo = after;
  else {
    delete followed.wholeTo;
    followed.wholeAt = began;
  }
  if (settledTo > mark) {
    await transact(({ tables }) => tables.eimOperations.setMark(accountSid, settledTo));
    for (const sid of considered) if (sid <= settledTo) considered.delete(sid);
  }
  return isLeft ? 'more' : 'all';
}

/** Makes, or takes back, what an order needs as it is now. */
export async function considerOrder(
  accountSid: string,
  orderSid: string,
  { store, transact, eim, log }: FollowContext,
): Promise<void> {
  const order = await store.esimProfiles.find(accountSid, orderSid);
  const eid = order?.eid?.toUpperCase();
  if (order === undefined || eid === undefined || order.eid_learned === 1) return;
  const euicc = await store.euiccs.find(eid);
  if (euicc?.account_sid !== accountSid || euicc.state === 'left') return;
  if (order.status === 'available' || order.status === 'failed') {
    const isNew = await transact((unit) => carryOut(euicc, order.sid, { eim, log }, unit));
    if (isNew) log.info({ profile: order.sid, eid }, 'an order is pushed to its eUICC');
  }
}

async function carryOut(
  { eid, account_sid: accountSid }: EuiccRow,
  orderSid: string,
  { eim: { es9plus }, log }: Pick<FollowContext, 'eim' | 'log'>,
  unit: Unit,
): Promise<boolean> {
  const { tables } = unit;
  const euicc = await tables.euiccs.lock(eid);
  const order = await tables.esimProfiles.find(accountSid, orderSid);
  // Removed meanwhile, and perhaps registered by another account.
  if (euicc?.account_sid !== accountSid || order === undefined) return false;
  const all = await tables.eimOperations.ofOrder(eid, orderSid);
  // The others are about its profile, and were asked for.
  const operations = all.filter(({ kind }) => kind === 'download');
  const waiting = operations.find(waitsForOrder);
  if (order.status === 'failed') {
    if (waiting !== undefined) await failWaiting(waiting, order, unit);
    for (const operation of operations) {
      if (operation !== waiting) await cancelOperation(operation, 'The order has ended', unit);
    }
    return false;
  }
  if (order.status !== 'available') return false;
  if (waiting === undefined && operations.length > 0) return false;
  const code = codeOf(order);
  if (code === undefined) return false;
  if (!es9plus.reaches(code.smdpAddress)) {
    const errorMessage = 'SIMWRIGHT_EIM_SMDPS does not allow the SM-DP+ of the order';
    if (waiting === undefined) {
      const fields = { profile: orderSid, eid, smdp: code.smdpAddress };
      log.warn(fields, `an order is not pushed: ${errorMessage}`);
      return false;
    }
    const ending = { status: 'failed', errorCode: 'orderFailed', errorMessage } as const;
    await endOperation(waiting, ending, {}, unit);
    return false;
  }
  const activation_code = formatActivationCode(code);
  if (waiting !== undefined) {
    const parameters = JSON.stringify({ ...parametersOf(waiting), activation_code });
    const date_updated = unit.now.toISOString();
    await tables.eimOperations.update(waiting, { parameters, date_updated });
    await wantInjection(euicc, unit);
    return true;
  }
  await addOperation(euicc, 'download', { activation_code, enable: true }, orderSid, unit);
  return true;
}

/** The order that a bulk operation has placed for it has ended before anything could be downloaded. */
async function failWaiting(
  waiting: EimOperationRow,
  { error_code: code, error_message: message }: EsimProfileRow,
  unit: Unit,
): Promise<void> {
  const errorCode = code ?? 'orderFailed';
  const errorMessage = `The order has failed: ${message ?? errorCode}`;
  await endOperation(waiting, { status: 'failed', errorCode, errorMessage }, {}, unit);
}

/** An order without a matching ID is found by the EID alone. */
function codeOf({ activation_code, smdp_plus_address: smdpAddress }: EsimProfileRow) {
  if (activation_code !== null) return parseActivationCode(activation_code);
  if (smdpAddress === null) return undefined;
  return { smdpAddress, matchingId: '', confirmationCodeRequired: false };
}
