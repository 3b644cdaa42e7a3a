import { Type } from 'typebox';
import { reissueMatchingId as reissue } from '../operator/reissue-matching-id.ts';
import { changeOperation, throughApi } from './change-esim-profile.ts';
import { ConfirmationCode, describe, MatchingId } from './parameter-schemas.ts';

/** `POST /v1/ESimProfiles/{Sid}/MatchingId`: ours. */
export const reissueMatchingId = changeOperation({
  operationId: 'ReissueMatchingId',
  path: '/v1/ESimProfiles/:Sid/MatchingId',
  summary: 'Give an order another matching ID',
  description:
    'Ours: gives an `available` order a new matching ID and activation code; SID, status and subscription stay. The old ' +
    'one is worth nothing from then on, also for a device that has begun to download with it.',
  body: Type.Object({
    MatchingId: Type.Optional(describe(MatchingId, 'The new one. By default, one is generated.')),
    ConfirmationCode: Type.Optional(
      describe(ConfirmationCode, 'Another confirmation code. By default, it stays as it is.'),
    ),
  }),
  status: 200,
  success: 'The order with its new activation code.',
  example: {},
  change(row, request, context, unit) {
    const { MatchingId: matchingId, ConfirmationCode: confirmationCode } = request.body;
    const cause = { cause: 'matching ID re-issued', detail: throughApi(request) };
    return reissue(row, { matchingId, confirmationCode }, cause, context, unit);
  },
});
