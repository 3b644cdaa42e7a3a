// Schemas of the statistics, for the OpenAPI document.
import { ESIM_PROFILE_STATUSES } from '../../operator/esim-profile.ts';
import { Type } from 'typebox';
import { count, nullable } from './values.ts';

const date = (description?: string) =>
  Type.String({
    format: 'date-time',
    examples: ['2026-11-23T00:00:00Z'],
    ...(description === undefined ? {} : { description }),
  });
const byStatus = (description: string) =>
  Type.Object(Object.fromEntries(ESIM_PROFILE_STATUSES.map((status) => [status, count()])), {
    description,
  });
const seconds = () => nullable(count());

const reason = {
  error_code: Type.String(),
  error: nullable(Type.String({ description: 'The code in words, where it is known.' })),
  count: count(),
};
const outcomes = {
  installed: count(),
  failed: count('Downloads that failed, not orders that were cancelled or expired.'),
  reasons: Type.Array(Type.Object(reason), { description: 'The most frequent ones.' }),
};

export const Forecast = Type.Object(
  {
    basis: Type.Enum(['rate', 'too_little_data', 'no_orders'], {
      type: 'string',
      description: 'Why there is a forecast, or why there is none.',
    }),
    window_days: nullable(
      Type.Integer({
        description: 'The last whole days (UTC) that were looked at: 7 or 14; null: fewer.',
      }),
    ),
    taken: count('Subscriptions that orders took from stock in these days.'),
    per_day: nullable(Type.Number({ minimum: 0 })),
    days_left: nullable(count()),
    date: nullable(
      Type.String({
        format: 'date',
        description: 'About when the stock runs out; null: not soon.',
      }),
    ),
  },
  { $id: 'Forecast', title: 'Forecast of a stock' },
);

export const Statistics = Type.Object(
  {
    account_sid: Type.String(),
    interval: Type.Enum(['hour', 'day'], { type: 'string' }),
    time_zone: Type.Enum(['UTC'], {
      type: 'string',
      description: 'In which hours and days begin.',
    }),
    date_start: date('Beginning of the first interval.'),
    date_end: date('When the answer was made: the last interval is not over.'),
    date_counted: nullable(
      date(
        'Null: everything is counted. Otherwise events up to here are, because many are new or are being counted anew.',
      ),
    ),
    esim_profiles: byStatus('How many eSIM Profiles there are in each status.'),
    intervals: Type.Array(
      Type.Object({
        date_start: date(),
        entered: byStatus('How many reached each status in the interval.'),
        esim_profiles: byStatus('How many there were in each status at its end.'),
      }),
      { description: 'Oldest first.' },
    ),
    installations: Type.Object(
      {
        available: count('Orders that became available within the intervals.'),
        installed: count('How many of them have been installed by now.'),
        failed: count('How many of them have failed by now, or were cancelled, or have expired.'),
        seconds: Type.Object(
          { median: seconds(), p90: seconds(), p99: seconds() },
          {
            description:
              'Seconds from `available` to `installed` within which half, 90 % and 99 % of those installed lie, rounded ' +
              'up to a bound of `durations`. Null: there are none, or it took longer than all bounds.',
          },
        ),
        durations: Type.Array(
          Type.Object({ up_to_seconds: nullable(Type.Integer()), count: count() }),
          { description: 'Each without those of the bounds before it; null: longer.' },
        ),
      },
      { description: 'How many orders got from `available` to `installed`, and in what time.' },
    ),
    failures: Type.Object({
      reservation: count('Failed before there was a profile, for example for want of stock.'),
      download: count('Failed since they were available.'),
      ended: count('Cancelled, or expired before a device came.'),
      reasons: Type.Array(
        Type.Object({
          stage: Type.Enum(['reservation', 'download', 'ended'], { type: 'string' }),
          ...reason,
        }),
        { description: 'The most frequent ones.' },
      ),
      others: count('Failures for other reasons.'),
    }),
    devices: Type.Array(
      Type.Object({
        tac: nullable(
          Type.String({
            description:
              'Type Allocation Code: the first eight digits of the IMEI, which stand for a model. As the device gave it: ' +
              'nothing proves it. Null: not known, because the RSP log is gone.',
          }),
        ),
        ...outcomes,
      }),
      { description: 'Downloads that ended, by the model of the device; the most frequent ones.' },
    ),
    euicc_makers: Type.Array(
      Type.Object({
        eid_prefix: nullable(
          Type.String({
            description:
              'The first eight digits of the EID, which stand for the maker of the eUICC.',
          }),
        ),
        ...outcomes,
      }),
      { description: 'The same by the maker of the eUICC, whose certificate proves the EID.' },
    ),
    callbacks: Type.Object({
      pending: count('To be sent, or sent again.'),
      failed: count('Given up in the last 30 days.'),
      more: Type.Boolean({ description: 'Whether one of them is more than 10,000.' }),
      oldest_pending: nullable(date()),
    }),
    stock: Type.Array(
      Type.Object({
        profile_type: Type.String(),
        available: count(),
        forecast: Type.Ref('Forecast#'),
      }),
      { description: 'Profile types with something in stock, at most 100.' },
    ),
    url: Type.String({ format: 'uri' }),
  },
  { $id: 'Statistics', title: 'Statistics' },
);
