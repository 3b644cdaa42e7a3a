// The only way to place an order of an eSIM Profile, from any edge. The reservation then processes it.
import type { Config } from '../config.ts';
import type { MasterKey } from '../process/keys.ts';
import type { EsimProfileRow, HttpMethod } from '../store/schema.ts';
import { allEnded } from '../store/together.ts';
import { parseIccid } from '../rsp/iccid.ts';
import type { Unit } from '../unit.ts';
import { apiDate } from '../values/date.ts';
import { checkEid, EID_PATTERN } from '../values/eid.ts';
import { auditedOrder } from './audited.ts';
import { callbackColumns, problemOfCallbackChoice } from './callback-url.ts';
import { problemOfConfirmationCode, sealConfirmationCode } from './confirmation-code.ts';
import { insertEsimProfile } from './esim-profile.ts';
import type { Cause } from './esim-profile.ts';
import { problemOfMatchingId } from './matching-id.ts';
import type { MatchingIdRules } from './matching-id.ts';
import {
  changeMetadata,
  cleanFriendlyName,
  keptMetadata,
  parseMetadata,
  problemOfFriendlyName,
  problemOfMetadata,
} from './owner-fields.ts';
import type { MetadataChange } from './owner-fields.ts';

/** An order, in clear. At least one of `eid` and a matching ID, generated or chosen, determines who can claim the profile. */
export interface Order {
  accountSid: string;
  /** 32 hexadecimal digits. */
  eid?: string | undefined;
  generateMatchingId: boolean;
  /** Chosen by the owner, instead of a generated one. */
  matchingId?: string | undefined;
  /** Of the subscription; by default, any. An unknown type finds no stock. */
  profileType?: string | undefined;
  /** The subscription, without filler; by default, any. Not together with its type. */
  iccid?: string | undefined;
  /** To be entered by the user before the download. */
  confirmationCode?: string | undefined;
  /** The URL as given, including user name and password, or `NO_CALLBACKS`; absent: that of the account. */
  callback?: { url: string; method: HttpMethod } | undefined;
  /** When it ends if nobody has downloaded the profile by then; in whole seconds. */
  expiresAt?: Date | undefined;
  /** For people; empty: none. */
  friendlyName?: string | undefined;
  /** Keys without a value are left out. */
  metadata?: MetadataChange | undefined;
  /** The batch that it is an item of. */
  batchSid?: string | undefined;
  /** The id of the request that has asked for it, if that is not the one under way. */
  requestId?: string | undefined;
  /** For the history. */
  cause: Cause;
}

/** A valid order; only `checkOrder` makes one, and a batch reads it back. */
export type CheckedOrder = Order & { readonly [checked]: true };
declare const checked: unique symbol;

/** An order that nobody could claim, or with an invalid part. */
export class OrderRefused extends Error {
  override name = 'OrderRefused';
  readonly what:
    | 'claim'
    | 'eid'
    | 'confirmationCode'
    | 'callbackUrl'
    | 'expiresAt'
    | 'iccid'
    | 'matchingId'
    | 'friendlyName'
    | 'metadata';

  /** @param message what was expected and what was given, without secrets */
  constructor(what: OrderRefused['what'], message: string) {
    super(message);
    this.what = what;
  }
}

const EID = new RegExp(EID_PATTERN);

/** What the values of an order, and of a change of it, are judged by. */
export interface OrderRules {
  /** Whether EIDs must have valid check digits. */
  eidCheckDigits: boolean;
  /** Whether matching IDs may be those of test suites; by default, not. */
  testMatchingIds?: boolean;
  now: Date;
}

export function orderRules(
  { eidCheckDigits, testMatchingIds }: Pick<Config, 'eidCheckDigits' | 'testMatchingIds'>,
  now: Date,
): OrderRules {
  return { eidCheckDigits, testMatchingIds, now };
}

/** Validates an order before anything is stored. Throws `OrderRefused`. */
export function checkOrder(order: Order, rules: OrderRules): CheckedOrder {
  const { eid, generateMatchingId, matchingId, confirmationCode, callback, expiresAt, iccid } =
    order;
  checkOrderValues({ eid, confirmationCode, expiresAt }, rules);
  refuse('callbackUrl', callback?.url, problemOfCallbackChoice);
  if (matchingId !== undefined) checkMatchingId(matchingId, rules);
  if (eid === undefined && !generateMatchingId && matchingId === undefined) {
    throw new OrderRefused('claim', 'expected an EID, a matching ID, or both; got neither');
  }
  refuse('iccid', iccid, problemOfIccid);
  if (iccid !== undefined && order.profileType !== undefined) {
    throw new OrderRefused(
      'iccid',
      'expected it without ProfileType: an ICCID has its type already',
    );
  }
  ownerFieldsAfter(NO_FIELDS, order);
  return order as CheckedOrder;
}

/** Throws `OrderRefused`. */
export function checkMatchingId(matchingId: string, rules: MatchingIdRules): void {
  refuse('matchingId', matchingId, (text) => problemOfMatchingId(text, rules));
}

/** Validates the values that can be changed after an order was placed, as far as they are given. Throws `OrderRefused`. */
export function checkOrderValues(
  {
    eid,
    confirmationCode,
    expiresAt,
  }: {
    eid?: string | null | undefined;
    confirmationCode?: string | undefined;
    expiresAt?: Date | null | undefined;
  },
  { eidCheckDigits, now }: OrderRules,
): void {
  refuse('eid', eid ?? undefined, (text) => problemOfEid(text, eidCheckDigits));
  refuse('confirmationCode', confirmationCode, problemOfConfirmationCode);
  if (expiresAt != null && expiresAt <= now) {
    const problem = `expected a time after now, ${apiDate(now)}; got ${apiDate(expiresAt)}`;
    throw new OrderRefused('expiresAt', problem);
  }
}

type OwnerFields = Pick<EsimProfileRow, 'friendly_name' | 'metadata'>;
const NO_FIELDS: OwnerFields = { friendly_name: null, metadata: null };

/** What an owner gives of them; absent: as before. */
export interface GivenOwnerFields {
  /** Empty or null: none. */
  friendlyName?: string | null | undefined;
  metadata?: MetadataChange | undefined;
}

/** The fields of the owner, of an order that gets what is given. Throws `OrderRefused`. */
export function ownerFieldsAfter(
  before: OwnerFields,
  { friendlyName, metadata }: GivenOwnerFields,
): OwnerFields {
  const name = friendlyName === undefined ? before.friendly_name : cleanFriendlyName(friendlyName);
  if (name !== before.friendly_name) {
    refuse('friendlyName', name ?? undefined, problemOfFriendlyName);
  }
  if (metadata === undefined) return { friendly_name: name, metadata: before.metadata };
  const changed = changeMetadata(parseMetadata(before.metadata), metadata);
  const problem = problemOfMetadata(changed);
  if (problem !== undefined) throw new OrderRefused('metadata', problem);
  return { friendly_name: name, metadata: keptMetadata(changed) };
}

/** Stores an order and its first event, and wakes the reservation. */
export async function placeOrder(
  order: CheckedOrder,
  masterKey: MasterKey,
  unit: Unit,
): Promise<EsimProfileRow> {
  const { accountSid, eid, matchingId, profileType, confirmationCode, callback, expiresAt, cause } =
    order;
  const sid = unit.sids.next('esimProfile', unit.now);
  const fields = {
    account_sid: accountSid,
    sid,
    eid: eid ?? null,
    generate_matching_id: order.generateMatchingId || matchingId !== undefined ? 1 : 0,
    chosen_matching_id: matchingId ?? null,
    profile_type: profileType ?? null,
    wanted_iccid: order.iccid ?? null,
    confirmation_code:
      confirmationCode === undefined
        ? null
        : sealConfirmationCode(confirmationCode, accountSid, sid, masterKey),
    ...callbackColumns(callback?.url, accountSid, masterKey),
    callback_method: callback?.method ?? 'POST',
    expires_at: expiresAt === undefined ? null : apiDate(expiresAt),
    ...ownerFieldsAfter(NO_FIELDS, order),
    batch_sid: order.batchSid ?? null,
    request_id: order.requestId ?? unit.requestId ?? null,
  } as const;
  const [row] = await allEnded([
    insertEsimProfile(fields, cause, unit),
    unit.audit(accountSid, { subject: sid, after: auditedOrder(fields) }),
  ]);
  return row;
}

function refuse(
  what: OrderRefused['what'],
  given: string | undefined,
  problemOf: (text: string) => string | undefined,
): void {
  const problem = given === undefined ? undefined : problemOf(given);
  if (problem !== undefined) throw new OrderRefused(what, problem);
}

const problemOfIccid = (text: string) =>
  parseIccid(text) === text
    ? undefined
    : `expected 18 to 20 digits that begin with 89; got '${text}'`;

function problemOfEid(eid: string, checkDigits: boolean): string | undefined {
  if (!EID.test(eid)) return `expected 32 hexadecimal digits; got '${eid}'`;
  return checkDigits ? checkEid(eid) : undefined;
}
