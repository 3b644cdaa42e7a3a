import type { Context } from '../context.ts';
import { shownCallbackUrl } from '../operator/callback-url.ts';
import { forecast, takenByType } from '../operator/statistics/forecast.ts';
import { findDeviceModels } from '../smdp/download/device-models.ts';
import { listInStock } from '../smdp/stock/in-stock.ts';
import { countStock, PROFILE_STATES, summarise } from '../smdp/stock/stock.ts';
import type { StockThresholdRow } from '../store/schema.ts';
import type { StockCount } from '../store/subscriptions.ts';

export const STOCK_PATH = '/v1/Stock';

/** The stock of an account as JSON. */
export async function stockAnswer(
  accountSid: string,
  { store, publicUrl, now }: Pick<Context, 'store' | 'publicUrl' | 'now'>,
): Promise<string> {
  const [counts, inStock, taken, thresholds] = await Promise.all([
    countStock(accountSid, store),
    listInStock(accountSid, store),
    takenByType(accountSid, store, findDeviceModels),
    store.stockThresholds.list(accountSid),
  ]);
  const states = Map.groupBy(counts, ({ profile_type: type }) => type);
  const ranges = new Map(inStock.map((type) => [type.profile_type, type]));
  const set = new Map(thresholds.map((row) => [row.profile_type, row]));
  return JSON.stringify({
    account_sid: accountSid,
    profile_types: summarise(counts).map((summary) => {
      const { profile_type: type, available } = summary;
      const { iccid_ranges = [], more_ranges = 0 } = ranges.get(type) ?? {};
      return {
        ...summary,
        states: countsByState(states.get(type) ?? []),
        iccid_ranges,
        more_iccid_ranges: more_ranges,
        threshold: thresholdOf(set.get(type)),
        forecast: forecast(available, taken.get(type), now()),
      };
    }),
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
