// The stock of an account and when it runs out, for the API and the command line.
import { forecast, takenByType } from '../operator/statistics/forecast.ts';
import type { Forecast } from '../operator/statistics/forecast.ts';
import { findDeviceModels } from '../smdp/download/device-models.ts';
import { listInStock } from '../smdp/stock/in-stock.ts';
import type { IccidRange } from '../smdp/stock/in-stock.ts';
import { countStock, summarise } from '../smdp/stock/stock.ts';
import type { StockSummary } from '../smdp/stock/stock.ts';
import type { StockThresholdRow } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import type { StockCount } from '../store/stock.ts';

export interface StockForecast {
  profile_type: string;
  available: number;
  forecast: Forecast;
}

/** Of the profile types that are in stock. */
export async function forecastStock(
  accountSid: string,
  store: Store,
  now: Date,
): Promise<StockForecast[]> {
  const [inStock, taken] = await Promise.all([
    listInStock(accountSid, store),
    takenByType(accountSid, store, findDeviceModels),
  ]);
  return inStock.map(({ profile_type, available }) => ({
    profile_type,
    available,
    forecast: forecast(available, taken.get(profile_type), now),
  }));
}

export interface StockFigures {
  summary: StockSummary;
  counts: StockCount[];
  /** Of those in stock, and how many more there are. */
  ranges: { iccid_ranges: IccidRange[]; more_iccid_ranges: number };
  threshold: StockThresholdRow | undefined;
  forecast: Forecast;
}

/** Of the profile types that the stock has, or has had. */
export async function stockFigures(
  accountSid: string,
  store: Store,
  now: Date,
): Promise<StockFigures[]> {
  const [counts, inStock, taken, thresholds] = await Promise.all([
    countStock(accountSid, store),
    listInStock(accountSid, store),
    takenByType(accountSid, store, findDeviceModels),
    store.stockThresholds.list(accountSid),
  ]);
  const byType = Map.groupBy(counts, ({ profile_type: type }) => type);
  const ranges = new Map(inStock.map((type) => [type.profile_type, type]));
  const set = new Map(thresholds.map((row) => [row.profile_type, row]));
  return summarise(counts).map((summary) => {
    const { profile_type: type, available } = summary;
    const { iccid_ranges = [], more_ranges = 0 } = ranges.get(type) ?? {};
    return {
      summary,
      counts: byType.get(type) ?? [],
      ranges: { iccid_ranges, more_iccid_ranges: more_ranges },
      threshold: set.get(type),
      forecast: forecast(available, taken.get(type), now),
    };
  });
}
