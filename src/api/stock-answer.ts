import type { Context } from '../context.ts';
import { shownCallbackUrl } from '../operator/callback-url.ts';
import { PROFILE_STATES } from '../smdp/stock/stock.ts';
import type { StockThresholdRow } from '../store/schema.ts';
import type { StockCount } from '../store/stock.ts';
import { stockFigures } from './stock-figures.ts';

export const STOCK_PATH = '/v1/Stock';

/** The stock of an account as JSON. */
export async function stockAnswer(
  accountSid: string,
  { store, publicUrl, now }: Pick<Context, 'store' | 'publicUrl' | 'now'>,
): Promise<string> {
  const types = await stockFigures(accountSid, store, now());
  return JSON.stringify({
    account_sid: accountSid,
    profile_types: types.map(({ summary, counts, ranges, threshold, forecast }) => ({
      ...summary,
      states: countsByState(counts),
      ...ranges,
      threshold: thresholdOf(threshold),
      forecast,
    })),
    url: publicUrl + STOCK_PATH,
  });
}

function countsByState(counts: StockCount[]): object {
  const found = new Map(counts.map(({ state, count }) => [state, count]));
  return Object.fromEntries(PROFILE_STATES.map((state) => [state, found.get(state) ?? 0]));
}

function thresholdOf(row: StockThresholdRow | undefined): object | null {
  if (row === undefined || row.threshold === null) return null;
  const { sid, threshold, state, callback_url: url, callback_method, date_updated } = row;
  return {
    sid,
    threshold,
    state,
    callback_url: url === null ? null : shownCallbackUrl(url),
    callback_method,
    date_updated,
  };
}
