import { Type } from 'typebox';
import { cancelOrder, CANCELLED } from '../operator/cancel-order.ts';
import { FINAL_PROFILE_STATUSES } from '../operator/order-at-smdp.ts';
import { changeOperation, throughApi } from './change-esim-profile.ts';

/** `POST /v1/ESimProfiles/{Sid}/Cancel`: ours. */
export const cancelEsimProfile = changeOperation({
  operationId: 'CancelEsimProfile',
  path: '/v1/ESimProfiles/:Sid/Cancel',
  summary: 'Cancel an order',
  description:
    'Ours: ends an order that nobody has installed. It becomes `failed` with `error_code` 83590, and its activation code is ' +
    'worth nothing from then on. Once it is `downloaded`, the device may install the profile at any time: then only ' +
    '`FinalProfileStatusIndicator=Unavailable` is possible, and what the device reports goes into the history.',
  body: Type.Object({
    FinalProfileStatusIndicator: Type.Optional(
      Type.Enum([...FINAL_PROFILE_STATUSES], {
        type: 'string',
        default: 'Available',
        description:
          'What becomes of the subscription (SGP.22 §5.3.3): it returns to stock, or is never used again.',
      }),
    ),
  }),
  status: 200,
  success: 'The order, which has ended.',
  example: { status: 'failed', ...CANCELLED },
  change(row, request, context, unit) {
    const { FinalProfileStatusIndicator: final = 'Available' } = request.body;
    const cause = { cause: 'cancelled', detail: throughApi(request) };
    return cancelOrder(row, final, CANCELLED, cause, context, unit);
  },
});
