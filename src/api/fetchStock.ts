import { countStock, PROFILE_STATES, summarise } from '../smdp/stock/stock.ts';
import type { StockCount } from '../store/subscriptions.ts';
import { etagOf } from './etag.ts';
import { operation } from './operation.ts';
import { ref } from './answer-schemas.ts';

const PATH = '/v1/Stock';

/** `GET /v1/Stock`: ours. */
export const fetchStock = operation({
  operationId: 'FetchStock',
  method: 'GET',
  path: PATH,
  tag: 'Stock',
  summary: 'Count the stock',
  description:
    'Ours: how many subscriptions the account has of each profile type, by state. Large stocks are ' +
    'recounted every few seconds.',
  responses: { 200: { description: 'The counts.', schema: ref('Stock') } },
  async handle({ caller }, { store, publicUrl }) {
    const counts = await countStock(caller.accountSid, store);
    const states = Map.groupBy(counts, ({ profile_type: type }) => type);
    const body = JSON.stringify({
      account_sid: caller.accountSid,
      profile_types: summarise(counts).map((summary) => ({
        ...summary,
        states: countsByState(states.get(summary.profile_type) ?? []),
      })),
      url: publicUrl + PATH,
    });
    return { status: 200, body, etag: etagOf(body) };
  },
});

function countsByState(counts: StockCount[]): object {
  const found = new Map(counts.map(({ state, count }) => [state, count]));
  return Object.fromEntries(PROFILE_STATES.map((state) => [state, found.get(state) ?? 0]));
}
