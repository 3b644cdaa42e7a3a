// The reservation: takes an order from `new` to `available` through the SM-DP+'s ES2+ functions.
import type { EsimProfileRow } from '../store/schema.ts';
import type { Store, Transaction } from '../store/store.ts';
import { allEnded } from '../store/together.ts';
import type { Es2Plus } from './es2plus.ts';
import { FunctionExecutionError } from './es2plus.ts';
import { changeStatus } from './esim-profile.ts';
import type { LearnedFields } from './esim-profile.ts';
import { builtInSmdp } from './order-book/built-in-smdp.ts';
import { ensureSim } from './sim.ts';

/** The one eSIM-specific code of the API's error dictionary. */
const NO_STOCK = { error_code: '83500', error_message: 'No eSIM Profiles are available' };

/**
 * Takes up to `limit` orders up, oldest first, and reserves each at the built-in SM-DP+. Orders and
 * order book lie in one database, so all of a batch happens or none: whatever dies in between, no
 * subscription is left behind and none is given twice.
 * @returns how many orders were taken up
 */
export async function reserveBatch(
  store: Store,
  smdpAddress: string,
  now: Date,
  limit: number,
): Promise<number> {
  return store.transaction(async (tables) => {
    const orders = await tables.esimProfiles.claimToReserve(limit);
    // All at once, so that what they ask of the store goes there together.
    await allEnded(
      orders.map((order) => {
        const smdp = builtInSmdp({ accountSid: order.account_sid, smdpAddress, now, tables });
        return reserve(order, smdp, now, tables);
      }),
    );
    return orders.length;
  });
}

/** Also for an order that was left `reserving`: the calls carry its SID, and repeat without effect. */
export async function reserve(
  order: EsimProfileRow,
  smdp: Es2Plus,
  now: Date,
  tables: Transaction,
): Promise<EsimProfileRow> {
  const reserving =
    order.status === 'new'
      ? await changeStatus(order, 'reserving', {}, { cause: 'reservation begun' }, now, tables)
      : order;
  let reserved: LearnedFields;
  try {
    reserved = await orderAtSmdp(order, smdp);
  } catch (error) {
    if (!(error instanceof FunctionExecutionError)) throw error;
    const cause = {
      cause: 'SM-DP+ refused',
      detail: `${error.subjectCode} / ${error.reasonCode}: ${error.message}`,
    };
    return changeStatus(reserving, 'failed', failure(error), cause, now, tables);
  }
  const sim = await ensureSim(order.account_sid, reserved.iccid!, now, tables);
  return changeStatus(
    reserving,
    'available',
    { ...reserved, sim_sid: sim.sid },
    { cause: 'released by the SM-DP+' },
    now,
    tables,
  );
}

async function orderAtSmdp(
  order: EsimProfileRow,
  smdp: Es2Plus,
): Promise<LearnedFields & { iccid: string }> {
  const call = {
    functionRequesterIdentifier: order.account_sid,
    functionCallIdentifier: order.sid,
    ...(order.eid === null ? {} : { eid: order.eid }),
  };
  const { iccid } = await smdp.downloadOrder({
    ...call,
    ...(order.profile_type === null ? {} : { profileType: order.profile_type }),
  });
  const withMatchingId = order.generate_matching_id === 1;
  const { matchingId, smdpAddress } = await smdp
    .confirmOrder({
      ...call,
      iccid,
      ...(withMatchingId ? {} : { matchingId: '' }),
      releaseFlag: true,
    })
    .catch(async (refusal: unknown) => {
      await smdp.cancelOrder({ ...call, iccid, finalProfileStatusIndicator: 'Available' });
      throw refusal;
    });
  return {
    iccid,
    smdp_plus_address: smdpAddress,
    matching_id: withMatchingId ? matchingId : null,
    // SGP.22 §4.1; the prefix `LPA:` belongs to the QR code.
    activation_code: withMatchingId ? `1$${smdpAddress}$${matchingId}` : null,
  };
}

function failure(error: FunctionExecutionError): LearnedFields {
  if (error.is('8.2.5', '3.7')) return NO_STOCK;
  return {
    error_code: `${error.subjectCode}/${error.reasonCode}`,
    error_message: error.message,
  };
}
