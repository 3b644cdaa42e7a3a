import { orderRules } from '../operator/placeOrder.ts';
import { Type } from 'typebox';
import { createBatch as create, ITEM_LIMIT, TooManyBatches } from '../operator/batch/batch.ts';
import type { NewBatch } from '../operator/batch/batch.ts';
import { problemsOfAll, surveyBatch } from '../operator/batch/batch-survey.ts';
import type { ItemProblem } from '../operator/batch/batch-survey.ts';
import { renderBatch } from '../operator/batch/resource.ts';
import { ApiError } from './api-error.ts';
import { ref } from './answer-schemas.ts';
import { BATCHES_PATH } from './batch-path.ts';
import { parseItems } from './batch-request.ts';
import { OrderParameters } from './createEsimProfile.ts';
import { firstAnswer, onceByIdempotencyKey } from './idempotency.ts';
import { operation } from './operation.ts';
import { CallbackMethod, describe, ReceiverUrl } from './parameter-schemas.ts';

const MIB = 1024 * 1024;
const BODY_LIMIT = 8 * MIB;
/** Problems that an answer names. */
const SHOWN_PROBLEMS = 100;

const form = {
  AllOrNothing: Type.Optional(
    Type.Boolean({
      default: false,
      description:
        'Take stock for every item before anything is ordered; if there is not enough, the batch fails and nothing is ' +
        'ordered. By default, each item is ordered as if it were alone.',
    }),
  ),
  DryRun: Type.Optional(
    Type.Boolean({
      default: false,
      description: 'Check everything, report what the stock can give, and keep nothing.',
    }),
  ),
  BatchCallbackUrl: Type.Optional(
    describe(
      ReceiverUrl,
      'Called once, when the batch has ended. `CallbackUrl` is that of each eSIM Profile.',
    ),
  ),
  BatchCallbackMethod: Type.Optional(describe(CallbackMethod, 'How BatchCallbackUrl is called.')),
};

const Count = Type.Optional(
  Type.Integer({ minimum: 1, maximum: ITEM_LIMIT, description: 'Order so many alike.' }),
);
const items = { minItems: 1, maxItems: ITEM_LIMIT };

const Query = Type.Object({
  ...form,
  ...OrderParameters.properties,
  // Ignored, it would leave profiles without a code that somebody relies on.
  ConfirmationCode: Type.Optional(
    Type.String({
      pattern: '^$',
      title: 'it in the body, since URLs are logged',
      description:
        'Refused here: proxies log URLs. Give it in the body, or in a column of the CSV.',
    }),
  ),
});
const Body = Type.Object({
  Count,
  // Each is validated by itself.
  Items: Type.Optional(Type.Array(Type.Unknown())),
  ...form,
  ...OrderParameters.properties,
});
const ShownBody = Type.Object({
  Count,
  Items: Type.Optional(
    Type.Array(OrderParameters, {
      ...items,
      description:
        'Instead of Count: the parameters of each item. Those beside Items are for all items that do not have their own.',
    }),
  ),
  ...form,
  ...OrderParameters.properties,
});

/** `POST /v1/ESimProfiles/Batches`: ours. Stores the orders, which the batch job then places and reserves. */
export const createBatch = operation({
  operationId: 'CreateBatch',
  method: 'POST',
  path: BATCHES_PATH,
  begins: true,
  tag: 'Batches',
  need: 'orders',
  idempotent: true,
  counted: 'batches',
  bodyLimit: BODY_LIMIT,
  summary: 'Order a batch of eSIM Profiles',
  description:
    `Ours: orders up to ${ITEM_LIMIT} eSIM Profiles: \`Count\` alike, or one for each of \`Items\`, or for each line of CSV. ` +
    'Every parameter of an order may be given for all items and for each. What is wrong with an item is recorded with it, ' +
    'and the others are ordered; with `AllOrNothing=true`, or if no item is right, nothing is kept. Parameters ' +
    `for all items may also be in the query, where CSV has no place for them. At most ${BODY_LIMIT / MIB} MiB.`,
  query: Query,
  body: Body,
  shownBody: ShownBody,
  csv: {
    description:
      'A line of names, which are those of the parameters of an order, and a line for each item. `eid` and `EID` are `Eid`, too. ' +
      'Commas, semicolons or tabs; UTF-8.',
    example: 'Eid,ConfirmationCode\r\n89049032005008882600033489aaaaaa,2580\r\n',
  },
  responses: {
    200: { description: 'With `DryRun`: what would happen.', schema: ref('BatchSurvey') },
    202: { description: 'The batch is stored, and will be carried out.', schema: ref('Batch') },
    400: {
      description: 'What is wrong with the request, or its items.',
      schema: ref('BatchError'),
    },
  },
  async handle(request, { config, store, masterKey, transact, publicUrl, now }) {
    const { caller, query, body, csv, requestId } = request;
    const { accountSid } = caller;
    const given: typeof query & Partial<typeof body> = { ...query, ...body };
    const {
      Count: count,
      Items,
      AllOrNothing: allOrNothing = false,
      DryRun: dryRun = false,
      BatchCallbackUrl: url,
      BatchCallbackMethod: method = 'POST',
      ...common
    } = given;
    const once = { ...request, body: { ...given, csv } };
    const what = `POST ${BATCHES_PATH} `;
    const first = dryRun ? undefined : await firstAnswer(once, { store, masterKey }, what);
    if (first !== undefined) return first;
    const rules = orderRules(config, now());
    const parsed = await parseItems({ count, items: Items, csv, common }, { accountSid, rules });
    const wanted = { accountSid, items: parsed, allOrNothing };
    if (dryRun) {
      const { problems, ...survey } = await surveyBatch(wanted, store);
      const answer = { dry_run: true, ...survey, ...shownProblems(problems) };
      return { status: 200, body: JSON.stringify(answer) };
    }
    refuseProblems(wanted);
    const batch: NewBatch = {
      ...wanted,
      callback: url === undefined ? undefined : { url, method },
      placedBy: `through the API, request ${requestId}`,
    };
    return onceByIdempotencyKey(
      once,
      { store, masterKey, transact, append: transact },
      async (unit) => {
        const row = await create(batch, masterKey, unit);
        return { status: 202, body: renderBatch(row, publicUrl) };
      },
      what,
    ).catch((error: unknown) => {
      throw error instanceof TooManyBatches ? new ApiError('conflict', error.message) : error;
    });
  },
});

/** Throws `ApiError` with the first problems. */
function refuseProblems(batch: Pick<NewBatch, 'items' | 'allOrNothing'>): void {
  const problems = problemsOfAll(batch);
  if (problems.length === 0) return;
  const what = problems.length === 1 ? '1 item is' : `${problems.length} items are`;
  const [{ item, message }] = problems as [ItemProblem];
  throw new ApiError(
    'invalidParameter',
    `${what} not valid; nothing is ordered. Item ${item}: ${message}`,
    undefined,
    shownProblems(problems),
  );
}

const shownProblems = (problems: ItemProblem[]) => ({
  problem_count: problems.length,
  problems: problems.slice(0, SHOWN_PROBLEMS),
});
