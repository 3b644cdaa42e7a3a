// Schemas of batches of orders.
import { ITEM_STATES } from '../../operator/batch/batch-items.ts';
import { BATCH_STATUSES } from '../../operator/batch/batch.ts';
import { ESIM_PROFILE_STATUSES } from '../../operator/esim-profile.ts';
import { Type } from 'typebox';
import { errorFields } from './lists-and-errors.ts';
import { date, nullable, number, oneOf, sid, url } from './values.ts';

export const Batch = Type.Object(
  {
    sid: sid('BT'),
    account_sid: sid('AC'),
    status: oneOf(
      BATCH_STATUSES,
      '`completed`: every item has an eSIM Profile or an error. `failed`: all or nothing was wanted, and there was not enough ' +
        'stock. `cancelled`: by its owner; what was ordered by then stays.',
    ),
    all_or_nothing: Type.Boolean(),
    count: number('Items.'),
    pending: number('Items that will be ordered.'),
    ordered: number('Items with an eSIM Profile.'),
    refused: number('Items with an error.'),
    not_ordered: number(
      'Items that will not be ordered, since the batch has failed or was cancelled.',
    ),
    reserved: number('Subscriptions that are taken from stock for items that are not ordered.'),
    esim_profiles: Type.Optional(
      Type.Object(
        Object.fromEntries(
          ESIM_PROFILE_STATUSES.map((status) => [status, Type.Integer({ minimum: 0 })]),
        ),
        { description: 'How many of its eSIM Profiles have each status now. Not in lists.' },
      ),
    ),
    error_code: nullable(Type.String()),
    error_message: nullable(Type.String()),
    date_created: date(),
    date_updated: date(),
    date_completed: nullable(date()),
    url: url(),
    links: Type.Object({
      items: url(),
      result: url(),
      esim_profiles: url(),
      qr_sheet: url(),
      qr_codes: url(),
    }),
  },
  { $id: 'Batch', title: 'Batch of orders' },
);

export const BatchItem = Type.Object(
  {
    item: Type.Integer({ minimum: 1, description: 'Its number in the request, from 1.' }),
    state: oneOf(
      ITEM_STATES,
      '`refused`: its order was not valid. `not-ordered`: the batch has failed, or was cancelled.',
    ),
    error: nullable(Type.String({ description: 'Of one that is refused: expected and found.' })),
    esim_profile: nullable(Type.Ref('EsimProfile#')),
  },
  { $id: 'BatchItem', title: 'Item of a batch' },
);

export const batchProblems = {
  problem_count: number('Items that are not valid.'),
  problems: Type.Array(
    Type.Object({ item: Type.Integer({ minimum: 1 }), message: Type.String() }),
    { description: 'The first of them.' },
  ),
};

export const BatchSurvey = Type.Object(
  {
    dry_run: Type.Literal(true),
    all_or_nothing: Type.Boolean(),
    count: number('Items.'),
    valid: number('Items that would be ordered.'),
    orderable: number('Items for which the stock has a subscription now.'),
    stock: Type.Array(
      Type.Object({
        profile_type: nullable(Type.String({ description: 'Null: items that take any.' })),
        wanted: number('Items.'),
        available: number('Subscriptions in stock, counted up to the most that a batch can have.'),
      }),
    ),
    ...batchProblems,
  },
  { $id: 'BatchSurvey', title: 'What a batch would do' },
);

export const BatchError = Type.Object(
  {
    ...errorFields,
    problem_count: Type.Optional(batchProblems.problem_count),
    problems: Type.Optional(batchProblems.problems),
  },
  { $id: 'BatchError', title: 'Error of a batch' },
);
