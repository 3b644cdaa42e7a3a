// Tells an account once when a profile type runs low, and once when there is enough again.
import { difference } from '../../audit/entry.ts';
import type { Fields } from '../../audit/entry.ts';
import type { Context } from '../../context.ts';
import type { MasterKey } from '../../process/keys.ts';
import type { HttpMethod, StockThresholdRow } from '../../store/schema.ts';
import type { Unit } from '../../unit.ts';
import { apiDate } from '../../values/date.ts';
import { enqueueStockCallback } from '../callback.ts';
import { sealCallbackUrl, shownCallbackUrl } from '../callback-url.ts';

/** Looking at a stock counts at most a little more. */
export const MOST_THRESHOLD = 100_000;
/** Rows of one pass at a time. */
const AT_ONCE = 100;

export interface ThresholdChange {
  accountSid: string;
  profileType: string;
  /** Null: none; undefined: as it was. */
  threshold: number | null | undefined;
  /** As given, including user name and password; null: none; undefined: as it was. */
  callbackUrl: string | null | undefined;
  callbackMethod: HttpMethod | undefined;
}

/** Fewer than the threshold are low. There is enough again a tenth above it, so that a stock at its edge is told once. */
export const enoughAgain = (threshold: number) => threshold + Math.ceil(threshold / 10);

/** Sets or removes a threshold; whether the stock is low already is looked at soon after. */
export async function setThreshold(
  { accountSid, profileType, threshold, callbackUrl, callbackMethod }: ThresholdChange,
  masterKey: MasterKey,
  { tables, now, sids, wake, audit }: Unit,
): Promise<void> {
  const date = apiDate(now);
  const old = await tables.stockThresholds.find(accountSid, profileType);
  const sealed =
    typeof callbackUrl === 'string'
      ? sealCallbackUrl(callbackUrl, accountSid, masterKey)
      : callbackUrl;
  const row: StockThresholdRow = {
    account_sid: accountSid,
    profile_type: profileType,
    sid: old?.sid ?? sids.next('stockThreshold', now),
    threshold: threshold === undefined ? (old?.threshold ?? null) : threshold,
    state: old?.state ?? 'sufficient',
    callback_url: sealed === undefined ? (old?.callback_url ?? null) : sealed,
    callback_method: callbackMethod ?? old?.callback_method ?? 'POST',
    date_created: old?.date_created ?? date,
    date_updated: date,
  };
  await tables.stockThresholds.set(row);
  const change = difference(old === undefined ? {} : audited(old), audited(row));
  await audit(accountSid, { subject: row.sid, ...change });
  wake('stock');
}

const audited = (row: StockThresholdRow): Fields => ({
  profile_type: row.profile_type,
  threshold: row.threshold,
  callback_url: row.callback_url === null ? null : shownCallbackUrl(row.callback_url),
  callback_method: row.callback_method,
});

/** Looks at every stock with a threshold, each in a unit of its own. @returns how many have crossed it */
export async function checkThresholds({
  store,
  transact,
}: Pick<Context, 'store' | 'transact'>): Promise<number> {
  let crossed = 0;
  for (let after = { account_sid: '', profile_type: '' }; ;) {
    const rows = await store.stockThresholds.listSet(after, AT_ONCE);
    for (const row of rows) {
      // Counting needs no transaction; that nothing is told twice does.
      const count = await store.stock.upTo(
        row.account_sid,
        row.profile_type,
        enoughAgain(row.threshold),
      );
      const state = stateOf(row, count);
      if (state === row.state) continue;
      if (await transact((unit) => cross(row, state, count, unit))) crossed++;
    }
    if (rows.length < AT_ONCE) return crossed;
    after = rows.at(-1)!;
  }
}

function stateOf(
  { state, threshold }: StockThresholdRow & { threshold: number },
  count: number,
): StockThresholdRow['state'] {
  if (state === 'sufficient') return count < threshold ? 'low' : 'sufficient';
  return count >= enoughAgain(threshold) ? 'sufficient' : 'low';
}

async function cross(
  row: StockThresholdRow,
  state: StockThresholdRow['state'],
  count: number,
  unit: Unit,
): Promise<boolean> {
  const date = apiDate(unit.now);
  if (!(await unit.tables.stockThresholds.changeState(row, state, date))) return false;
  const crossed = { ...row, state, date_updated: date };
  await enqueueStockCallback(crossed, row.state, count, unit);
  return true;
}
