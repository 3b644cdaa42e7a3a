// §5.3: the ES2+ functions by which an order gets its profile, loses it, and gets the same one in another way.
import type { Es2PlusResponse, RequestHeader, SmdpFunctions } from '../es2plus/functions.ts';
import { formatActivationCode } from '../rsp/activation-code.ts';
import { FunctionExecutionError } from '../rsp/function-execution-error.ts';
import { formatStatusCode } from '../rsp/status-codes.ts';
import type { EsimProfileRow } from '../store/schema.ts';

type Step = 'CancelOrder' | 'DownloadOrder' | 'ConfirmOrder';

/** The SM-DP+ has refused one of the functions. */
export class SmdpRefused extends Error {
  override name = 'SmdpRefused';
  readonly step: Step;
  /** The functions that it had carried out before. */
  readonly done: readonly Step[];
  readonly refused: FunctionExecutionError;
  /** Whether the order has ended, because a rented SM-DP+ cannot take back what it had carried out. */
  hasEnded = false;

  constructor(step: Step, done: readonly Step[], refused: FunctionExecutionError) {
    super(`The SM-DP+ refused ${step}: ${formatStatusCode(refused)}: ${refused.message}`, {
      cause: refused,
    });
    this.step = step;
    this.done = done;
    this.refused = refused;
  }
}

/** What the profile of an order is, and how a device finds it. */
export interface Wanted {
  accountSid: string;
  /** Of the order; the calls carry it as identifier, so repeating them has no effect. */
  sid: string;
  eid: string | null;
  profileType?: string | null | undefined;
  /** The subscription; by default, any of the profile type. */
  iccid?: string | undefined;
  /** undefined: the SM-DP+ generates one; empty: none. */
  matchingId: string | undefined;
  confirmationCode: string | undefined;
  /** One that `holdProfile` has taken out of stock for it. */
  held?: Held | undefined;
}

/** A profile that is out of stock for an order that is not placed yet. */
export interface Held {
  accountSid: string;
  /** The functionCallIdentifier that it was taken with. */
  identifier: string;
  iccid: string;
}

/** The fields of an order whose profile is released. */
export type Reserved = Pick<EsimProfileRow, 'matching_id' | 'activation_code'> & {
  iccid: string;
  smdp_plus_address: string;
  /** Null: the SM-DP+ does not say. */
  profile_type: string | null;
};

/** Orders a profile from stock, and releases it. What was ordered returns to stock if a later step is refused. */
export async function orderProfile(
  wanted: Wanted,
  smdp: SmdpFunctions,
  knownAddress: string,
): Promise<Reserved> {
  const header = headerOf(wanted);
  const done: Step[] = [];
  const { eid, profileType, held, iccid = held?.iccid } = wanted;
  if (held !== undefined) await returnHeld(held, smdp, done);
  const ordered = await take('DownloadOrder', done, () =>
    smdp.downloadOrder({
      header,
      ...(eid === null ? {} : { eid }),
      ...(iccid === undefined ? {} : { iccid }),
      ...(profileType == null ? {} : { profileType }),
    }),
  );
  try {
    return await confirm(ordered, wanted, done, smdp, knownAddress);
  } catch (error) {
    if (error instanceof SmdpRefused)
      await returnToStock({ header, iccid: ordered.iccid, eid }, smdp);
    throw error;
  }
}

/**
 * Takes a profile out of stock, so that no other order gets it: Allocated (§3.1.6). Repeating the call gets the same one.
 * Throws `SmdpRefused`.
 */
export async function holdProfile(
  {
    accountSid,
    identifier,
    profileType,
    iccid,
  }: Omit<Held, 'iccid'> & Pick<Wanted, 'iccid'> & { profileType?: string | undefined },
  smdp: SmdpFunctions,
): Promise<string> {
  const header = headerOf({ accountSid, sid: identifier });
  const request = {
    header,
    ...(iccid === undefined ? {} : { iccid }),
    ...(profileType === undefined ? {} : { profileType }),
  };
  return (await take('DownloadOrder', [], () => smdp.downloadOrder(request))).iccid;
}

/** Gives a profile back to the stock. Throws `SmdpRefused`. */
export async function returnHeld(
  { accountSid, identifier, iccid }: Held,
  smdp: SmdpFunctions,
  done: Step[] = [],
): Promise<void> {
  const header = headerOf({ accountSid, sid: identifier });
  const finalProfileStatusIndicator = 'Available';
  await take('CancelOrder', done, () =>
    smdp.cancelOrder({ header, iccid, finalProfileStatusIndicator }),
  );
}

/**
 * Ends the order of a profile and orders the same profile again: from then on, what devices claimed it with is worth nothing.
 * @param previous the order that it is under
 */
export async function orderAgain(
  previous: EsimProfileRow,
  wanted: Wanted,
  smdp: SmdpFunctions,
  knownAddress: string,
): Promise<Reserved> {
  const done: Step[] = [];
  const iccid = iccidOf(previous);
  const notCancelled = await cancel(previous, 'Available', done, smdp).catch(ifInUse);
  const { eid } = wanted;
  const ordered = await take('DownloadOrder', done, () =>
    smdp.downloadOrder({ header: headerOf(wanted), iccid, ...(eid === null ? {} : { eid }) }),
  ).catch((error: unknown) => {
    throw error instanceof SmdpRefused ? (notCancelled ?? error) : error;
  });
  return confirm(ordered, wanted, done, smdp, knownAddress);
}

/** A profile that is in stock already has no order to cancel: whether it is, DownloadOrder shows. */
function ifInUse(error: unknown): SmdpRefused {
  if (error instanceof SmdpRefused && error.refused.is('8.2.1', '3.3')) return error;
  throw error;
}

/** Ends the order of a profile that has been reserved. */
export async function cancelAtSmdp(
  order: EsimProfileRow,
  finalStatus: FinalProfileStatus,
  smdp: SmdpFunctions,
): Promise<void> {
  await cancel(order, finalStatus, [], smdp);
}

/** §5.3.3 finalProfileStatusIndicator: it returns to stock, or is never used again. */
export const FINAL_PROFILE_STATUSES = ['Available', 'Unavailable'] as const;
export type FinalProfileStatus = (typeof FINAL_PROFILE_STATUSES)[number];

async function cancel(
  order: EsimProfileRow,
  finalProfileStatusIndicator: FinalProfileStatus,
  done: Step[],
  smdp: SmdpFunctions,
): Promise<undefined> {
  const { account_sid: accountSid, sid, eid, matching_id: matchingId } = order;
  const iccid = iccidOf(order);
  await take('CancelOrder', done, () =>
    smdp.cancelOrder({
      header: headerOf({ accountSid, sid }),
      iccid,
      ...(eid === null ? {} : { eid }),
      matchingId: matchingId ?? '',
      finalProfileStatusIndicator,
    }),
  );
}

function iccidOf({ sid, iccid }: EsimProfileRow): string {
  if (iccid === null) throw new TypeError(`${sid} has no ICCID`);
  return iccid;
}

async function confirm(
  { iccid, profileType }: Es2PlusResponse<'downloadOrder'>,
  wanted: Wanted,
  done: Step[],
  smdp: SmdpFunctions,
  knownAddress: string,
): Promise<Reserved> {
  const { eid, matchingId: given, confirmationCode } = wanted;
  const { matchingId, smdpAddress = knownAddress } = await take('ConfirmOrder', done, () =>
    smdp.confirmOrder({
      header: headerOf(wanted),
      ...(eid === null ? {} : { eid }),
      iccid,
      ...(given === undefined ? {} : { matchingId: given }),
      ...(confirmationCode === undefined ? {} : { confirmationCode }),
      releaseFlag: true,
    }),
  );
  const hasMatchingId = given !== '';
  return {
    iccid,
    profile_type: profileType ?? null,
    smdp_plus_address: smdpAddress,
    matching_id: hasMatchingId ? matchingId : null,
    // SGP.22 §4.1; the prefix `LPA:` is added only in the QR code.
    activation_code: hasMatchingId
      ? formatActivationCode({
          smdpAddress,
          matchingId,
          confirmationCodeRequired: confirmationCode !== undefined,
        })
      : null,
  };
}

/** Failures are ignored: the first refusal is the one to report. */
async function returnToStock(
  { eid, ...named }: { header: RequestHeader; iccid: string; eid: string | null },
  smdp: SmdpFunctions,
): Promise<void> {
  const request = {
    ...named,
    ...(eid === null ? {} : { eid }),
    finalProfileStatusIndicator: 'Available' as const,
  };
  await smdp.cancelOrder(request).catch((refused: unknown) => {
    if (!(refused instanceof FunctionExecutionError)) throw refused;
  });
}

async function take<T>(name: Step, done: Step[], call: () => Promise<T>): Promise<T> {
  try {
    const result = await call();
    done.push(name);
    return result;
  } catch (refused) {
    if (!(refused instanceof FunctionExecutionError)) throw refused;
    throw new SmdpRefused(name, [...done], refused);
  }
}

function headerOf({ accountSid, sid }: Pick<Wanted, 'accountSid' | 'sid'>): RequestHeader {
  return { functionRequesterIdentifier: accountSid, functionCallIdentifier: sid };
}
