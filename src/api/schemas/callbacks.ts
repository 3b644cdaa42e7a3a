// Schemas of callbacks, their trials and rehearsals.
import { Type } from 'typebox';
import { date, describedSid, nullable, oneOf, sid, url } from './values.ts';

export const attempts = Type.Array(
  Type.Object({
    attempt: Type.Integer({ minimum: 1 }),
    date_started: date(),
    duration_ms: Type.Integer({ minimum: 0 }),
    status_code: nullable(Type.Integer({ description: 'HTTP status of the response.' })),
    error: nullable(
      Type.String({ description: 'Why there was no response, or why it was not accepted.' }),
    ),
    response: nullable(Type.String({ description: 'The beginning of the response body.' })),
  }),
  { description: 'Oldest first.' },
);

export const Callback = Type.Object(
  {
    sid: sid('CB'),
    account_sid: sid('AC'),
    esim_profile_sid: nullable(sid('HP')),
    sim_sid: nullable(sid('HS')),
    batch_sid: Type.Optional(describedSid('BT', 'The batch that has ended, if it is about one.')),
    euicc_sid: Type.Optional(
      describedSid('EU', 'Ours, only of a callback about an eUICC, or an operation on it.'),
    ),
    bulk_operation_sid: Type.Optional(
      describedSid('BO', 'The bulk operation that it is about, if it is about one.'),
    ),
    stock_threshold_sid: Type.Optional(
      describedSid('ST', 'Ours, only of a callback about the stock.'),
    ),
    callback_url: Type.String({
      description: 'Where it is sent; a user name and password in it are masked as `***:***@`.',
    }),
    callback_method: Type.Enum(['GET', 'POST'], { type: 'string' }),
    parameters: Type.Record(Type.String(), Type.String(), {
      description: 'What it tells the receiver.',
    }),
    state: Type.Enum(['pending', 'delivered', 'failed'], { type: 'string' }),
    attempts,
    next_attempt_at: nullable(date()),
    date_created: date(),
    date_settled: nullable(date()),
    url: url(),
  },
  { $id: 'Callback', title: 'Callback' },
);

export const CallbackTest = Type.Object(
  {
    sid: sid('CB'),
    account_sid: sid('AC'),
    callback_url: Type.String({ description: 'User name and password in it are `***`.' }),
    callback_method: oneOf(['GET', 'POST'], 'How it was called.'),
    parameters: Type.Record(Type.String(), Type.String(), {
      description: 'What was sent, with `Test` `true`.',
    }),
    state: oneOf(['delivered', 'failed'], '`delivered`: the receiver answered with 2xx.'),
    date_started: date(),
    duration_ms: Type.Integer({ minimum: 0 }),
    status_code: nullable(Type.Integer({ description: 'HTTP status of the response, if any.' })),
    error: nullable(Type.String({ description: 'Why it failed.' })),
    response: nullable(Type.String({ description: 'The beginning of the response.' })),
  },
  { $id: 'CallbackTest', title: 'Outcome of a test of a receiver' },
);

export const RehearsalStep = Type.Object(
  {
    step: Type.String({
      description:
        '`ordered`, a status, a function of ES9+ or ES10, `enabled`, `disabled`, `deleted`, or `callback`; last `finished` ' +
        'or `failed`.',
    }),
    ok: Type.Boolean({ description: 'Whether it is as it should be, as a delivered callback is.' }),
    detail: Type.String(),
    esim_profile_sid: nullable(sid('HP')),
    date: date(),
  },
  { $id: 'RehearsalStep', title: 'Step of a rehearsal' },
);

export const CallbackRetry = Type.Object(
  {
    retried: Type.Integer({ minimum: 0, description: 'Callbacks, or reports, that are due now.' }),
    next_url: nullable(
      Type.String({ format: 'uri', description: 'Where to POST for the next batch, if any.' }),
    ),
  },
  { $id: 'CallbackRetry', title: 'Result of a retry of callbacks, or reports' },
);
