// Orders for the EID of an eUICC become downloads by themselves: the eIM follows the events of eSIM Profiles.
import type { EimContext } from './eim.ts';
import { addOperation, cancelOperation } from './operations/operation.ts';
import { formatActivationCode, parseActivationCode } from '../rsp/activation-code.ts';
import type { EsimProfileRow, EuiccRow } from '../store/schema.ts';
import type { Unit } from '../unit.ts';
import { sidAt } from '../values/sid.ts';

/** Events per transaction. */
const SLICE = 100;
/** An event may become visible so long after its SID was made: docs/events.md. Those are read again, without effect. */
const SETTLED_MS = 60_000;

export type FollowContext = Pick<EimContext, 'store' | 'transact' | 'now' | 'log' | 'eim'>;

/** Follows all events of an account that there are. */
export async function followOrders(accountSid: string, context: FollowContext): Promise<void> {
  const { store, transact, now } = context;
  const mark = (await store.eimOperations.mark(accountSid)) ?? '';
  const settled = sidAt('event', new Date(now().getTime() - SETTLED_MS));
  let after = mark;
  let more = false;
  // Beyond the mark there is seldom more than one slice.
  do {
    const events = await store.esimProfileEvents.read(accountSid, { after, limit: SLICE });
    more = events.length === SLICE;
    const told = events.filter(({ type }) => type === 'status' || type === 'change');
    for (const order of new Set(told.map(({ esim_profile_sid: sid }) => sid))) {
      await considerOrder(accountSid, order, context);
    }
    after = events.at(-1)?.sid ?? after;
    const followed = events.findLast(({ sid }) => sid < settled)?.sid;
    if (followed !== undefined && followed > mark) {
      await transact(({ tables }) => tables.eimOperations.setMark(accountSid, followed));
    }
  } while (more);
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
  if (euicc === undefined || order === undefined) return false;
  const operations = await tables.eimOperations.ofOrder(eid, orderSid);
  if (order.status === 'failed') {
    for (const operation of operations) {
      await cancelOperation(operation, 'The order has ended', unit);
    }
    return false;
  }
  if (order.status !== 'available' || operations.length > 0) return false;
  const code = codeOf(order);
  if (code === undefined) return false;
  if (!es9plus.reaches(code.smdpAddress)) {
    const fields = { profile: orderSid, eid, smdp: code.smdpAddress };
    log.warn(fields, 'an order is not pushed: SIMWRIGHT_EIM_SMDPS does not allow its SM-DP+');
    return false;
  }
  const activation_code = formatActivationCode(code);
  await addOperation(euicc, 'download', { activation_code, enable: true }, orderSid, unit);
  return true;
}

/** An order without a matching ID is found by the EID alone. */
function codeOf({ activation_code, smdp_plus_address: smdpAddress }: EsimProfileRow) {
  if (activation_code !== null) return parseActivationCode(activation_code);
  if (smdpAddress === null) return undefined;
  return { smdpAddress, matchingId: '', confirmationCodeRequired: false };
}
