import { Type } from 'typebox';
import { callbacksOwed } from '../operator/statistics/callbacks-owed.ts';
import { MOST } from '../operator/statistics/periods.ts';
import { statisticsOf } from '../operator/statistics/statistics.ts';
import { findDeviceModels } from '../smdp/download/device-models.ts';
import { ref } from './answer-schemas.ts';
import { ApiError } from './api-error.ts';
import { operation } from './operation.ts';
import { forecastStock } from './stock-figures.ts';

const PATH = '/v1/Statistics';
const DEFAULTS = { hour: 48, day: 30 };
const STOCK_LIMIT = 100;
/** How long an answer may be served again while nothing changes: dates in it go on. */
const STALE_MS = 60_000;

/** `GET /v1/Statistics`: ours. */
export const fetchStatistics = operation({
  operationId: 'FetchStatistics',
  method: 'GET',
  path: PATH,
  tag: 'Statistics',
  summary: 'Fetch statistics',
  description:
    'Ours: what has become of the orders: how many there are in each status, now and over time; how many were ' +
    'installed, and in what time; why others failed; callbacks that are owed; and when the stock runs out. An answer ' +
    'costs the same however many eSIM Profiles there are. Hours and days begin in UTC.',
  query: Type.Object({
    Interval: Type.Optional(
      Type.Enum(['hour', 'day'], {
        type: 'string',
        default: 'day',
        description: 'Of the figures over time.',
      }),
    ),
    Intervals: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MOST.day,
        description: `How many, up to now. By default ${DEFAULTS.day} days or ${DEFAULTS.hour} hours; at most ${MOST.day} days or ${MOST.hour} hours.`,
      }),
    ),
  }),
  responses: { 200: { description: 'The statistics.', schema: ref('Statistics') } },
  async handle({ caller: { accountSid }, query, answers }, { store, publicUrl, now }) {
    const { Interval: interval = 'day', Intervals: intervals = DEFAULTS[interval] } = query;
    if (intervals > MOST[interval]) {
      const problem = `expected at most ${MOST[interval]} with Interval=${interval}; got ${intervals}`;
      throw new ApiError('invalidParameter', `Invalid parameter Intervals: ${problem}`);
    }
    const age = Math.floor(now().getTime() / STALE_MS);
    const key = [PATH, accountSid, interval, intervals, age].join(' ');
    return answers.answer(key, async () => {
      const [orders, callbacks, stock] = await Promise.all([
        statisticsOf(accountSid, { interval, intervals }, store, findDeviceModels),
        callbacksOwed(accountSid, store),
        forecastStock(accountSid, store, now()),
      ]);
      return JSON.stringify({
        account_sid: accountSid,
        ...orders,
        callbacks,
        stock: stock.slice(0, STOCK_LIMIT),
        url: publicUrl + PATH,
      });
    });
  },
});
