import { Type } from 'typebox';
import { checkOrderValues, orderRules } from '../operator/placeOrder.ts';
import { releaseAgain, reorder } from '../operator/replace-order.ts';
import { apiDate } from '../values/date.ts';
import { changeOperation, throughApi } from './change-esim-profile.ts';
import {
  ConfirmationCode,
  describe,
  EidOrEmpty,
  ExpiresAt,
  FriendlyName,
  Metadata,
  parseExpiresAt,
} from './parameter-schemas.ts';

/** `POST /v1/ESimProfiles/{Sid}/Reorder`: ours. */
export const reorderEsimProfile = changeOperation({
  operationId: 'ReorderEsimProfile',
  path: '/v1/ESimProfiles/:Sid/Reorder',
  summary: 'Order again what has ended',
  description:
    'Ours: places a new order in place of a `failed` one, with the same parameters. Both name each other: `replaces_sid` and ' +
    '`replaced_by_sid`. With `KeepSim=true`, its subscription is released again, of an `installed` one, too, if its device ' +
    'has reported that the profile was deleted.',
  body: Type.Object({
    KeepSim: Type.Optional(
      Type.Boolean({
        default: false,
        description:
          'Keep the Sim, with its ICCID and keys, instead of taking another from stock. Only if no eUICC can have the profile.',
      }),
    ),
    Eid: Type.Optional(
      describe(
        EidOrEmpty,
        'Another eUICC; empty: any that presents the activation code. By default, as it was ordered.',
      ),
    ),
    ConfirmationCode: Type.Optional(
      describe(ConfirmationCode, 'Another confirmation code. By default, it stays as it is.'),
    ),
    ExpiresAt: Type.Optional(ExpiresAt),
    FriendlyName: Type.Optional(
      describe(
        FriendlyName,
        'Another name for people; empty: none. By default, that of the old order.',
      ),
    ),
    Metadata: Type.Optional(
      describe(
        Metadata,
        'What the metadata has other than that of the old order, as in an update: a key that is empty or null is left out; if ' +
          'the whole is empty or null, all are.',
      ),
    ),
  }),
  mayBeEmpty: ['Eid', 'FriendlyName', 'Metadata'],
  status: 201,
  success: 'The new order: `new`, or with `KeepSim` already `available`.',
  example: {
    status: 'new',
    iccid: null,
    sim_sid: null,
    smdp_plus_address: null,
    matching_id: null,
    activation_code: null,
    profile_type: undefined,
    replaces_sid: 'HP01a223adcbf870008a1b0c9f5d3e7a24',
  },
  change(row, request, context, unit) {
    const { KeepSim, Eid, ConfirmationCode: confirmationCode, ExpiresAt: given } = request.body;
    const { FriendlyName: friendlyName, Metadata: metadata } = request.body;
    const eid = Eid === undefined ? {} : { eid: Eid || null };
    const expiresAt = given === undefined ? undefined : parseExpiresAt(given);
    checkOrderValues({ ...eid, confirmationCode, expiresAt }, orderRules(context.config, unit.now));
    const replacement = {
      ...eid,
      ...(confirmationCode === undefined ? {} : { confirmationCode }),
      ...(expiresAt == null ? {} : { expiresAt: apiDate(expiresAt) }),
      ...(friendlyName === undefined ? {} : { friendlyName }),
      ...(metadata === undefined ? {} : { metadata }),
    };
    const cause = { cause: 'ordered again', detail: throughApi(request) };
    const place = KeepSim === true ? releaseAgain : reorder;
    return place(row, replacement, cause, context, unit);
  },
});
