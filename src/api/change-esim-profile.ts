// What the operations that change an order have in common: they find it, run again what another change has overtaken, take
// effect once for each Idempotency-Key, and say what forbids a change.
import type { Static, TObject } from 'typebox';
import { SmdpRefused } from '../operator/order-at-smdp.ts';
import { ChangeRefused } from '../operator/order-change.ts';
import { runAgain } from '../store/run-again.ts';
import type { ChangeContext } from '../operator/order-change.ts';
import { OrderRefused } from '../operator/placeOrder.ts';
import { withBaseUrl } from '../operator/resource.ts';
import { ChangeUnderWay, outcomeOf, SmdpUnavailable } from '../operator/rented/rented-errors.ts';
import type { EsimProfileRow } from '../store/schema.ts';
import type { Unit } from '../unit.ts';
import { EXAMPLES } from './answer-examples.ts';
import { ref } from './answer-schemas.ts';
import { ApiError, notFound } from './api-error.ts';
import { onceByIdempotencyKey } from './idempotency.ts';
import { operation } from './operation.ts';
import type { Operation, OperationRequest, ResponseBody } from './operation.ts';
import { SidParams } from './parameter-schemas.ts';

type ChangeRequest<Body> = OperationRequest<{}, { Sid: string }, Body>;

interface ChangeDefinition<B extends TObject> {
  operationId: string;
  /** With `:Sid`. */
  path: string;
  summary: string;
  description: string;
  body: B;
  mayBeEmpty?: readonly string[];
  /** The success, whose body is the eSIM Profile that `change` returns. */
  status: 200 | 201;
  success: string;
  /** Where it differs from the example of an eSIM Profile. */
  example: object;
  /** Throws `ChangeRefused`, `SmdpRefused`, `OrderRefused`, and `Conflict` to be run again. */
  change(
    this: void,
    row: EsimProfileRow,
    request: ChangeRequest<Static<B>>,
    context: ChangeContext,
    unit: Unit,
  ): Promise<EsimProfileRow>;
}

/** An operation that changes an order. */
export function changeOperation<B extends TObject>({
  operationId,
  path,
  summary,
  description,
  body,
  mayBeEmpty = [],
  status,
  success,
  example,
  change,
}: ChangeDefinition<B>): Operation {
  return operation({
    operationId,
    method: 'POST',
    path,
    tag: 'eSIM Profiles',
    need: 'orders',
    idempotent: true,
    summary,
    description,
    params: SidParams,
    body,
    mayBeEmpty,
    responses: {
      [status]: {
        description: success,
        schema: ref('EsimProfile'),
        example: { ...EXAMPLES.EsimProfile, ...example },
      },
      409: REFUSED,
    },
    async handle(request, { store, masterKey, transact, publicUrl, config, smdp, rented }) {
      const { caller, params } = request;
      const called = path.replace(':Sid', params.Sid);
      const once = () =>
        onceByIdempotencyKey(
          request,
          { store, masterKey, transact, append: transact },
          async (unit) => {
            const row = await unit.tables.esimProfiles.find(caller.accountSid, params.Sid);
            if (row === undefined) throw notFound(called);
            const changed = await change(row, request, { masterKey, config, smdp, rented }, unit);
            return { status, body: withBaseUrl(changed.resource, publicUrl) };
          },
          `POST ${called} `,
        );
      return runAgain(once).catch((error: unknown) => {
        throw toApiError(error);
      });
    },
  });
}

/** The history's word for who did it. */
export const throughApi = ({ requestId }: Pick<ChangeRequest<unknown>, 'requestId'>) =>
  `through the API, request ${requestId}`;

/** The parameter that each part of an order is. */
const PARAMETERS = {
  claim: 'Eid',
  eid: 'Eid',
  confirmationCode: 'ConfirmationCode',
  callbackUrl: 'CallbackUrl',
  expiresAt: 'ExpiresAt',
  iccid: 'Iccid',
  matchingId: 'MatchingId',
  friendlyName: 'FriendlyName',
  metadata: 'Metadata',
} as const satisfies Record<OrderRefused['what'], string>;

/** 400 for an invalid value. */
export function invalidValue({ what, message }: OrderRefused): ApiError {
  return new ApiError('invalidParameter', `Invalid parameter ${PARAMETERS[what]}: ${message}`);
}

/** After a rented SM-DP+ has not answered. */
const AGAIN_AFTER_S = 5;

function toApiError(error: unknown): unknown {
  if (error instanceof OrderRefused) return invalidValue(error);
  if (error instanceof ChangeRefused) {
    const { message, status, allowed } = error;
    return new ApiError('conflict', message, undefined, {
      details: { status, ...(allowed.length === 0 ? {} : { allowed_statuses: allowed }) },
    });
  }
  if (error instanceof SmdpRefused) {
    const { subjectCode, reasonCode } = error.refused;
    const message = `${error.message}. ${outcomeOf(error)}`;
    return new ApiError('conflict', message, undefined, {
      details: { function: error.step, subject_code: subjectCode, reason_code: reasonCode },
    });
  }
  if (error instanceof ChangeUnderWay) return new ApiError('conflict', error.message);
  if (error instanceof SmdpUnavailable) {
    const message = `${error.message}. ${outcomeOf(error)}`;
    return new ApiError('unavailable', message, undefined, {}, AGAIN_AFTER_S);
  }
  return error;
}

/** The answer to a change that is not allowed, for the document. */
const REFUSED: ResponseBody = {
  description:
    'The order does not allow it: `details` has its status and those that would, or the code with which the SM-DP+ refused. ' +
    'Or another request has just changed it.',
  schema: ref('OrderConflict'),
  example: EXAMPLES.OrderConflict,
};
