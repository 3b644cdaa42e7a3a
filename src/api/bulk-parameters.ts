// The parameters of a bulk operation, and what they ask of each eUICC.
import { Type } from 'typebox';
import type { Static } from 'typebox';
import type { Asked } from '../eim/ask-operation.ts';
import { BULK_LIMIT, MAXIMUM_FAILURES, MOST_RATE } from '../eim/fleet/bulk.ts';
import type { BulkOrder } from '../eim/fleet/bulk.ts';
import type { GivenItem } from '../eim/fleet/prepare-bulk.ts';
import { checkOrder, OrderRefused } from '../operator/placeOrder.ts';
import type { OrderRules } from '../operator/placeOrder.ts';
import { PROFILE_TYPE_LIMIT } from '../values/profile-type.ts';
import { ApiError } from './api-error.ts';
import { invalidValue } from './change-esim-profile.ts';
import { createEuiccOperation } from './createEuiccOperation.ts';
import { commandsIn } from './euicc-commands.ts';
import { euiccFilter } from './euicc-filter.ts';
import {
  CallbackMethod,
  describe,
  Eid,
  FriendlyName,
  Metadata,
  ReceiverUrl,
} from './parameter-schemas.ts';

/** What is asked of each eUICC, as of one, but for what is its own or secret. */
const {
  Kind,
  ConfirmationCode: _code,
  CallbackUrl: _url,
  CallbackMethod: _method,
  DryRun: _preview,
  ...asked
} = createEuiccOperation.body!.properties;
export { Kind };
const { Iccid, ActivationCode } = asked;

/** Of one eUICC of a list. */
export const ItemParameters = Type.Object({
  Eid,
  ...(Iccid === undefined ? {} : { Iccid: Type.Optional(Iccid) }),
  ...(ActivationCode === undefined ? {} : { ActivationCode: Type.Optional(ActivationCode) }),
});

export const form = {
  ...asked,
  Profile: Type.Optional(
    Type.String({
      maxLength: 40,
      description:
        'Of operations about a profile, instead of `Iccid`: on each eUICC, the only profile that is `enabled` or `disabled`, as ' +
        'last reported; or, by its SID, that which a bulk `download` has installed there.',
    }),
  ),
  Order: Type.Optional(
    Type.Boolean({
      default: false,
      description:
        'Of `download`: order an eSIM Profile for the EID of each, and download it once it is available.',
    }),
  ),
  ProfileType: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: PROFILE_TYPE_LIMIT,
      description: 'Of `Order`: the profile type; by default, any.',
    }),
  ),
  OrderFriendlyName: Type.Optional(
    describe(FriendlyName, 'Of `Order`: the friendly name of each eSIM Profile.'),
  ),
  OrderMetadata: Type.Optional(
    describe(Metadata, 'Of `Order`: the metadata of each eSIM Profile.'),
  ),
  BatchSid: Type.Optional(
    Type.String({
      description:
        'Of `download`: the eSIM Profiles of this batch that are available, have an activation code and no EID, one for each.',
    }),
  ),
  ...euiccFilter,
  AllEuiccs: Type.Optional(
    Type.Boolean({
      default: false,
      description: 'All eUICCs of the account, if no `Group` is named; the other filters hold.',
    }),
  ),
  Rate: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: MOST_RATE,
      description:
        'How many eUICCs are given their operation in a minute; by default, all at once.',
    }),
  ),
  MaximumFailures: Type.Optional(
    Type.String({
      pattern: MAXIMUM_FAILURES.source,
      title: 'a number, or a percentage of the eUICCs such as 5%',
      description:
        'How many eUICCs may fail: a number, or a percentage of all. When more have, it is `halted`, and nothing more is sent. By ' +
        'default, any number.',
      examples: ['5%'],
    }),
  ),
  Canary: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: BULK_LIMIT,
      description:
        'How many eUICCs go first: the first of a list, or those of a `Group` or of all that have polled last. The others follow when ' +
        'all of these have ended and none has failed; otherwise it is `halted`.',
    }),
  ),
  CanaryApproval: Type.Optional(
    Type.Boolean({
      default: false,
      description: 'Whether it pauses when the first ones have passed, until it is resumed.',
    }),
  ),
  ExpiresAt: Type.Optional(
    Type.String({
      format: 'date-or-date-time',
      title: 'a date, or a date-time with its offset',
      description:
        'What was not sent by then, because a device has not polled, is not sent. Within 60 days; by default, in 30 days.',
      examples: ['2026-12-31T00:00:00Z'],
    }),
  ),
  BulkCallbackUrl: Type.Optional(
    describe(
      ReceiverUrl,
      'Called when it is halted, when it pauses after its canaries, and when it has ended.',
    ),
  ),
  BulkCallbackMethod: Type.Optional(describe(CallbackMethod, 'How BulkCallbackUrl is called.')),
  DryRun: Type.Optional(
    Type.Boolean({
      default: false,
      description: 'Say how many eUICCs it would be about, and do nothing.',
    }),
  ),
};

export const optionalKind = Type.Optional(Kind!);
export const Eids = Type.Optional(
  Type.Array(Type.String(), {
    description: 'The EIDs of the eUICCs, repeated or separated by commas.',
  }),
);

export type Given = Static<ReturnType<typeof Type.Object<typeof form>>> & {
  Kind?: string;
  Items?: readonly unknown[];
  Eids?: string[];
};

export function givenItemOf({ Eid: eid, ...own }: Static<typeof ItemParameters>): GivenItem {
  return { eid, own: askedIn(own) };
}

/** Names of parameters of an operation, as its rules have them: `ActivationCode` is `activationCode`. */
export function askedIn(given: Readonly<Record<string, unknown>>): Partial<Asked> {
  const pairs = Object.entries(given).filter(
    ([name, value]) => value !== undefined && Object.hasOwn(asked, name),
  );
  return Object.fromEntries(
    pairs.map(([name, value]) => [
      name[0]!.toLowerCase() + name.slice(1),
      name === 'Commands' ? commandsIn(String(value)) : value,
    ]),
  );
}

type OrderNames = 'Order' | 'ProfileType' | 'OrderFriendlyName' | 'OrderMetadata';
type OrderGiven = { [Name in OrderNames]?: Given[Name] | undefined };

/** Throws `ApiError`. */
export function orderIn(
  { Order: isOrdered = false, ProfileType, OrderFriendlyName, OrderMetadata }: OrderGiven,
  accountSid: string,
  rules: OrderRules,
): BulkOrder | undefined {
  if (!isOrdered) {
    const others = { ProfileType, OrderFriendlyName, OrderMetadata };
    const [name] = Object.entries(others).find(([, value]) => value !== undefined) ?? [];
    if (name === undefined) return undefined;
    throw new ApiError('invalidParameter', `Invalid parameter ${name}: expected it with Order`);
  }
  const metadata = Object.fromEntries(
    Object.entries(OrderMetadata ?? {}).flatMap(([key, value]) =>
      value === null || value === '' ? [] : [[key, value]],
    ),
  );
  const order = { profileType: ProfileType, friendlyName: OrderFriendlyName, metadata };
  try {
    // With any EID: that of an eUICC was checked when it was registered.
    checkOrder({ ...order, accountSid, generateMatchingId: true, cause: { cause: '' } }, rules);
  } catch (error) {
    throw error instanceof OrderRefused ? invalidValue(error) : error;
  }
  return order;
}
