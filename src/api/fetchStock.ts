import { ref } from './answer-schemas.ts';
import { etagOf } from './etag.ts';
import { operation } from './operation.ts';
import { STOCK_PATH, stockAnswer } from './stock-answer.ts';

/** `GET /v1/Stock`: ours. */
export const fetchStock = operation({
  operationId: 'FetchStock',
  method: 'GET',
  path: STOCK_PATH,
  tag: 'Stock',
  ofSmdp: true,
  summary: 'Count the stock',
  description:
    'Ours: how many subscriptions the account has of each profile type, by state; in which ranges of ICCIDs those are ' +
    'that orders can take; and when they run out. Large stocks are recounted every few seconds.',
  responses: { 200: { description: 'The counts.', schema: ref('Stock') } },
  async handle({ caller }, { store, publicUrl, now }) {
    const body = await stockAnswer(caller.accountSid, { store, publicUrl, now });
    return { status: 200, body, etag: etagOf(body) };
  },
});
