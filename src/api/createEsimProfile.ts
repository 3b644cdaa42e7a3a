import { Type } from 'typebox';
import type { Static } from 'typebox';
import { checkOrder, OrderRefused, placeOrder, orderRules } from '../operator/placeOrder.ts';
import type { CheckedOrder, Order, OrderRules } from '../operator/placeOrder.ts';
import { PROFILE_TYPE_LIMIT } from '../values/profile-type.ts';
import { withBaseUrl } from '../operator/resource.ts';
import { EXAMPLES } from './answer-examples.ts';
import { ApiError } from './api-error.ts';
import { invalidValue } from './change-esim-profile.ts';
import { iccidFilter } from './iccid-filter.ts';
import { onceByIdempotencyKey } from './idempotency.ts';
import { operation } from './operation.ts';
import { ref } from './answer-schemas.ts';
import {
  CallbackMethod,
  CallbackUrl,
  ConfirmationCode,
  describe,
  Eid,
  ExpiresAt,
  FriendlyName,
  MatchingId,
  Metadata,
  parseExpiresAt,
} from './parameter-schemas.ts';

/** The parameters of an order, by itself or in a batch. */
export const OrderParameters = Type.Object({
  CallbackUrl: Type.Optional(CallbackUrl),
  CallbackMethod: Type.Optional(CallbackMethod),
  GenerateMatchingId: Type.Optional(
    Type.Boolean({ description: 'Generate a matching ID and an activation code.' }),
  ),
  MatchingId: Type.Optional(
    describe(
      MatchingId,
      'Ours: the matching ID, instead of a generated one. Should it be taken, the order fails with 8.2.6/3.3.',
    ),
  ),
  Eid: Type.Optional(
    describe(
      Eid,
      'The eUICC that will claim the profile. With `SIMWRIGHT_SMDS`, it is announced there, and the device finds it ' +
        'without a code.',
    ),
  ),
  ProfileType: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: PROFILE_TYPE_LIMIT,
      description: 'Ours: take a subscription of this profile type; by default, of any.',
    }),
  ),
  Iccid: Type.Optional(
    Type.String({
      maxLength: 20,
      description:
        'Ours: take the subscription with this ICCID; not together with `ProfileType`. If it is not in stock, the order ' +
        'fails with the code of the SM-DP+.',
      examples: ['89999012345612345678'],
    }),
  ),
  ConfirmationCode: Type.Optional(
    describe(ConfirmationCode, 'Ours: the end user must enter this code before the download.'),
  ),
  ExpiresAt: Type.Optional(ExpiresAt),
  FriendlyName: Type.Optional(FriendlyName),
  Metadata: Type.Optional(Metadata),
});

/** `POST /v1/ESimProfiles`: stores the order, which the reservation job then processes. */
export const createEsimProfile = operation({
  operationId: 'CreateEsimProfile',
  method: 'POST',
  path: '/v1/ESimProfiles',
  begins: true,
  tag: 'eSIM Profiles',
  need: 'orders',
  idempotent: true,
  summary: 'Order an eSIM Profile',
  description:
    'Orders an eSIM Profile for the eUICC `Eid`, or, with `GenerateMatchingId=true`, for any eUICC that ' +
    'presents its activation code. With both, only this eUICC can use the activation code. `MatchingId` chooses the ' +
    'matching ID that is otherwise generated.',
  body: OrderParameters,
  responses: {
    201: {
      description: 'The order is stored.',
      schema: ref('EsimProfile'),
      example: {
        ...EXAMPLES.EsimProfile,
        status: 'new',
        iccid: null,
        sim_sid: null,
        smdp_plus_address: null,
        matching_id: null,
        activation_code: null,
        profile_type: undefined,
      },
    },
  },
  async handle(request, { config, store, masterKey, publicUrl, transact, append, now }) {
    const { caller, body, requestId } = request;
    const cause = { cause: 'ordered through the API', detail: `request ${requestId}` };
    const given = orderOf(body, caller.accountSid, cause);
    const check = () => checkedOrder(given, orderRules(config, now()));
    // A repeat gets the first answer, also if its time has come meanwhile.
    const order = request.idempotencyKey === undefined ? check() : undefined;
    const context = { store, masterKey, transact, append };
    return onceByIdempotencyKey(request, context, async (unit) => {
      const { resource } = await placeOrder(order ?? check(), masterKey, unit);
      return { status: 201, body: withBaseUrl(resource, publicUrl) };
    });
  },
});

/** @param body validated */
export function orderOf(
  body: Static<typeof OrderParameters>,
  accountSid: string,
  cause: Order['cause'],
): Order {
  const { CallbackUrl: url, CallbackMethod: method = 'POST' } = body;
  return {
    accountSid,
    eid: body.Eid,
    generateMatchingId: body.GenerateMatchingId ?? false,
    matchingId: body.MatchingId,
    profileType: body.ProfileType,
    iccid: body.Iccid === undefined ? undefined : iccidFilter(body.Iccid),
    confirmationCode: body.ConfirmationCode,
    callback: url === undefined ? undefined : { url, method },
    expiresAt:
      body.ExpiresAt === undefined ? undefined : (parseExpiresAt(body.ExpiresAt) ?? undefined),
    friendlyName: body.FriendlyName,
    metadata: body.Metadata,
    cause,
  };
}

/** Throws `ApiError`. */
export function checkedOrder(order: Order, rules: OrderRules): CheckedOrder {
  try {
    return checkOrder(order, rules);
  } catch (error) {
    if (!(error instanceof OrderRefused)) throw error;
    if (error.what !== 'claim') throw invalidValue(error);
    throw new ApiError(
      'invalidParameter',
      'Missing required parameter Eid in the post body; without it, GenerateMatchingId must be true',
    );
  }
}
