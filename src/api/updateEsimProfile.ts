import { Type } from 'typebox';
import { checkOrderValues } from '../operator/placeOrder.ts';
import { updateOrder } from '../operator/update-order.ts';
import { apiDate } from '../values/date.ts';
import { changeOperation, throughApi } from './change-esim-profile.ts';
import {
  ConfirmationCode,
  describe,
  EidOrEmpty,
  ExpiresAtOrEmpty,
  parseExpiresAt,
} from './parameter-schemas.ts';

/** `POST /v1/ESimProfiles/{Sid}`: ours. */
export const updateEsimProfile = changeOperation({
  operationId: 'UpdateEsimProfile',
  path: '/v1/ESimProfiles/:Sid',
  summary: 'Update an order',
  description:
    'Ours: binds an `available` order to another eUICC, or to none, with the same matching ID, or gives it another confirmation code; sets or removes the time ' +
    'at which an order that nobody has downloaded ends. SID and status stay.',
  body: Type.Object({
    Eid: Type.Optional(
      describe(
        EidOrEmpty,
        'The eUICC that alone can claim the profile; empty: any that presents its activation code.',
      ),
    ),
    ExpiresAt: Type.Optional(ExpiresAtOrEmpty),
    ConfirmationCode: Type.Optional(
      describe(
        ConfirmationCode,
        'Another code that the user must enter before the download. By default, it stays as it is.',
      ),
    ),
  }),
  mayBeEmpty: ['Eid', 'ExpiresAt'],
  status: 200,
  success: 'The updated order.',
  example: { expires_at: '2026-12-31T00:00:00Z' },
  change(row, request, context, unit) {
    const { Eid, ExpiresAt, ConfirmationCode: confirmationCode } = request.body;
    const eid = Eid === undefined ? {} : { eid: Eid || null };
    const expiresAt = ExpiresAt === undefined ? undefined : parseExpiresAt(ExpiresAt);
    const { eidCheckDigits } = context.config;
    checkOrderValues({ ...eid, confirmationCode, expiresAt }, { eidCheckDigits, now: unit.now });
    const update = {
      ...eid,
      ...(confirmationCode === undefined ? {} : { confirmationCode }),
      ...(expiresAt === undefined ? {} : { expiresAt: expiresAt && apiDate(expiresAt) }),
    };
    return updateOrder(row, update, throughApi(request), context, unit);
  },
});
