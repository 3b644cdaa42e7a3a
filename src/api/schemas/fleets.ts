// Schemas of groups of eUICCs and of bulk operations.
import { BULK_ITEM_STATES } from '../../eim/fleet/bulk-items.ts';
import { BULK_STATUSES } from '../../eim/fleet/bulk.ts';
import { EUICC_STATES } from '../../eim/fleet/groups.ts';
import { Type } from 'typebox';
import { batchProblems } from './batches.ts';
import { EuiccOperation } from './euiccs.ts';
import { date, nullable, number, oneOf, sid, url } from './values.ts';

export const EuiccGroup = Type.Object(
  {
    sid: sid('EG'),
    account_sid: sid('AC'),
    name: Type.String({ description: 'Unique in the account.' }),
    euiccs: Type.Optional(
      Type.Object(Object.fromEntries(EUICC_STATES.map((state) => [state, number('')])), {
        description: 'How many eUICCs of the group have each status. In lists, with `Counts`.',
      }),
    ),
    date_created: date(),
    date_updated: date(),
    url: url(),
    links: Type.Object({ euiccs: url(), onboarding: url() }),
  },
  { $id: 'EuiccGroup', title: 'Group of eUICCs' },
);

export const EuiccImport = Type.Object(
  {
    dry_run: Type.Boolean(),
    count: number('Items.'),
    registered: number('eUICCs that are registered now.'),
    updated: number('Those that were there, and have changed.'),
    unchanged: number('Those that were there, and are as they were.'),
    refused: number('Items that are wrong.'),
    ...batchProblems,
  },
  { $id: 'EuiccImport', title: 'What a registration of many has done' },
);

export const BulkSurvey = Type.Object(
  {
    dry_run: Type.Literal(true),
    count: number('eUICCs.'),
    valid: number('eUICCs that would be given their operation.'),
    ...batchProblems,
  },
  { $id: 'BulkSurvey', title: 'What a bulk operation would be about' },
);

export const BulkOperation = Type.Object(
  {
    sid: sid('BO'),
    account_sid: sid('AC'),
    status: oneOf(
      BULK_STATUSES,
      '`paused`: by its owner, or after its canaries. `halted`: too many have failed, or a canary has. `completed`: every eUICC ' +
        'has ended, or its time is over. `cancelled`: by its owner.',
    ),
    kind: EuiccOperation.properties.kind,
    parameters: EuiccOperation.properties.parameters,
    order: nullable(
      Type.Object(
        {
          profile_type: nullable(Type.String()),
          friendly_name: nullable(Type.String()),
          metadata: Type.Record(Type.String(), Type.String()),
        },
        { description: 'The order that is placed for each eUICC.' },
      ),
    ),
    target: Type.Object(
      {
        group_sid: Type.Optional(sid('EG')),
        all_euiccs: Type.Optional(Type.Boolean()),
        list: Type.Optional(Type.Boolean()),
        status: Type.Optional(Type.Array(Type.String())),
        metadata: Type.Optional(Type.Record(Type.String(), Type.String())),
        seen_after: Type.Optional(date()),
        seen_before: Type.Optional(date()),
        batch_sid: Type.Optional(Type.String()),
        profile: Type.Optional(Type.String()),
      },
      { description: 'How the eUICCs were chosen, with the filters.' },
    ),
    count: number('eUICCs, with those that are refused.'),
    refused: number('Those that could not be given an operation.'),
    counts: Type.Optional(
      Type.Object(
        {
          waiting: number('Will be given their operation.'),
          queued: number('Have it, and their device has not fetched it.'),
          sent: number('Their device has fetched it, and has not answered.'),
          completed: number('Have done it.'),
          failed: number('Have not been able to.'),
          cancelled: number('Theirs was taken back.'),
          refused: number('Could not be given one.'),
          not_sent: number('Were not given theirs before it ended, or were removed.'),
        },
        { description: 'How many eUICCs are in each state. Not in lists.' },
      ),
    ),
    rate: nullable(number('eUICCs that are given their operation in a minute.')),
    maximum_failures: nullable(Type.String()),
    canary: nullable(number('How many eUICCs go first.')),
    canary_approval: Type.Boolean(),
    is_canary: Type.Boolean({ description: 'Whether these are under way.' }),
    callback_url: nullable(
      Type.String({ description: 'User name and password in it are masked as `***:***@`.' }),
    ),
    callback_method: oneOf(['GET', 'POST'], 'How it is called.'),
    error_code: nullable(
      Type.String({
        description:
          'Why it is halted, paused or has ended: `maximumFailures`, `canaryFailed`, `canaryPassed`, `expired`.',
      }),
    ),
    error_message: nullable(Type.String()),
    expires_at: date(),
    date_created: date(),
    date_updated: date(),
    date_ended: nullable(date()),
    url: url(),
    links: Type.Object({ items: url(), result: url() }),
  },
  { $id: 'BulkOperation', title: 'Bulk operation on eUICCs' },
);

export const BulkOperationItem = Type.Object(
  {
    item: Type.Integer({ minimum: 1, description: 'Its number, from 1.' }),
    eid: nullable(Type.String()),
    state: oneOf(
      BULK_ITEM_STATES,
      'That of its operation. `waiting`: it has none yet. `refused`: it could not be given one. `not-sent`: it was not given ' +
        'one before the end, or was removed.',
    ),
    error_code: nullable(Type.String()),
    error_message: nullable(Type.String()),
    iccid: nullable(Type.String({ description: 'Of the profile that it is about.' })),
    esim_profile_sid: nullable(sid('HP')),
    kind: nullable(Type.String({ description: 'Of its last operation.' })),
    operation_sid: nullable(sid('EO')),
    euicc_sid: nullable(sid('EU')),
    date_created: nullable(date()),
    date_sent: nullable(date()),
    date_ended: nullable(date()),
  },
  { $id: 'BulkOperationItem', title: 'Item of a bulk operation' },
);
