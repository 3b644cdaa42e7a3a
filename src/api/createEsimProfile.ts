import { Type } from 'typebox';
import { sealCallbackUrl } from '../operator/callback-url.ts';
import {
  CONFIRMATION_CODE_MAX,
  CONFIRMATION_CODE_MIN,
  sealConfirmationCode,
} from '../operator/confirmation-code.ts';
import { insertEsimProfile } from '../operator/esim-profile.ts';
import { checkClaim, isClaimable } from '../operator/order.ts';
import { PROFILE_TYPE_LIMIT } from '../values/profile-type.ts';
import { withBaseUrl } from '../operator/resource.ts';
import { timeOrderedSid } from '../values/sid.ts';
import { EXAMPLES } from './answer-examples.ts';
import { ApiError } from './api-error.ts';
import { onceByIdempotencyKey } from './idempotency.ts';
import { operation } from './operation.ts';
import { ref } from './answer-schemas.ts';
import { CallbackMethod, CallbackUrl, describe, Eid } from './parameter-schemas.ts';

/** `POST /v1/ESimProfiles`: stores the order, which the reservation job then processes. */
export const createEsimProfile = operation({
  operationId: 'CreateEsimProfile',
  method: 'POST',
  path: '/v1/ESimProfiles',
  tag: 'eSIM Profiles',
  idempotent: true,
  summary: 'Order an eSIM Profile',
  description:
    'Orders an eSIM Profile for the eUICC `Eid`, or, with `GenerateMatchingId=true`, for any eUICC that ' +
    'presents its activation code. With both, only this eUICC can use the activation code.',
  body: Type.Object({
    CallbackUrl: Type.Optional(CallbackUrl),
    CallbackMethod: Type.Optional(CallbackMethod),
    GenerateMatchingId: Type.Optional(
      Type.Boolean({ description: 'Generate a matching ID and an activation code.' }),
    ),
    Eid: Type.Optional(describe(Eid, 'The eUICC that will claim the profile.')),
    ProfileType: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: PROFILE_TYPE_LIMIT,
        description: 'Ours: take a subscription of this profile type; by default, of any.',
      }),
    ),
    ConfirmationCode: Type.Optional(
      Type.String({
        minLength: CONFIRMATION_CODE_MIN,
        maxLength: CONFIRMATION_CODE_MAX,
        pattern: '^[\\x21-\\x7e]*$',
        title: 'ASCII letters, digits and punctuation',
        description: 'Ours: the end user must enter this code before the download.',
      }),
    ),
  }),
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
      },
    },
  },
  async handle(request, context) {
    const { Eid: eid, GenerateMatchingId = false } = request.body;
    const claim = { eid, generateMatchingId: GenerateMatchingId };
    if (!isClaimable(claim)) {
      throw new ApiError(
        'invalidParameter',
        'Missing required parameter Eid in the post body; without it, GenerateMatchingId must be true',
      );
    }
    const problem = checkClaim(claim, context.config.eidCheckDigits);
    if (problem !== undefined) {
      throw new ApiError('invalidParameter', `Invalid parameter Eid: ${problem}`);
    }
    return onceByIdempotencyKey(request, context, async (unit) => {
      const { CallbackUrl: url, CallbackMethod: method = 'POST', ProfileType } = request.body;
      const { ConfirmationCode: code } = request.body;
      const { accountSid } = request.caller;
      const sid = timeOrderedSid('esimProfile', unit.now);
      const row = await insertEsimProfile(
        {
          account_sid: accountSid,
          sid,
          eid: eid ?? null,
          generate_matching_id: GenerateMatchingId ? 1 : 0,
          profile_type: ProfileType ?? null,
          confirmation_code:
            code === undefined
              ? null
              : sealConfirmationCode(code, accountSid, sid, context.masterKey),
          callback_url:
            url === undefined ? null : sealCallbackUrl(url, accountSid, context.masterKey),
          callback_method: method === 'GET' ? 'GET' : 'POST',
        },
        { cause: 'ordered through the API', detail: `request ${request.requestId}` },
        unit,
      );
      return { status: 201, body: withBaseUrl(row.resource, context.publicUrl) };
    });
  },
});
