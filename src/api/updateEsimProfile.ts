import { Type } from 'typebox';
import { checkOrderValues, orderRules } from '../operator/placeOrder.ts';
import { updateOrder } from '../operator/update-order.ts';
import { apiDate } from '../values/date.ts';
import { changeOperation, throughApi } from './change-esim-profile.ts';
import {
  ConfirmationCode,
  describe,
  EidOrEmpty,
  ExpiresAtOrEmpty,
  FriendlyName,
  Metadata,
  parseExpiresAt,
} from './parameter-schemas.ts';

/** `POST /v1/ESimProfiles/{Sid}`: ours. */
export const updateEsimProfile = changeOperation({
  operationId: 'UpdateEsimProfile',
  path: '/v1/ESimProfiles/:Sid',
  summary: 'Update an order',
  description:
    'Ours: binds an `available` order to another eUICC, or to none, with the same matching ID, or gives it another confirmation code; sets or removes the time ' +
    'at which an order that nobody has downloaded ends. SID and status stay. In any status: changes its friendly name and its metadata.',
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
    FriendlyName: Type.Optional(describe(FriendlyName, 'Another name for people; empty: none.')),
    Metadata: Type.Optional(
      describe(
        Metadata,
        'What changes of the metadata, as JSON, or one parameter for each key: `Metadata.KEY=VALUE`. Other keys stay as they ' +
          'are. A key that is empty or null is removed; if the whole is empty or null, all are.',
      ),
    ),
  }),
  mayBeEmpty: ['Eid', 'ExpiresAt', 'FriendlyName', 'Metadata'],
  status: 200,
  success: 'The updated order.',
  example: {
    expires_at: '2026-12-31T00:00:00Z',
    friendly_name: 'Truck 17',
    metadata: { order: '4711', site: 'Berlin' },
  },
  change(row, request, context, unit) {
    const { Eid, ExpiresAt, ConfirmationCode: confirmationCode } = request.body;
    const { FriendlyName: friendlyName, Metadata: metadata } = request.body;
    const eid = Eid === undefined ? {} : { eid: Eid || null };
    const expiresAt = ExpiresAt === undefined ? undefined : parseExpiresAt(ExpiresAt);
    checkOrderValues({ ...eid, confirmationCode, expiresAt }, orderRules(context.config, unit.now));
    const update = {
      ...eid,
      ...(confirmationCode === undefined ? {} : { confirmationCode }),
      ...(expiresAt === undefined ? {} : { expiresAt: expiresAt && apiDate(expiresAt) }),
      ...(friendlyName === undefined ? {} : { friendlyName }),
      ...(metadata === undefined ? {} : { metadata }),
    };
    return updateOrder(row, update, throughApi(request), context, unit);
  },
});
