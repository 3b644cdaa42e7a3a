// Counting the stock.
import type { ProfileState } from '../../store/schema.ts';
import type { Store } from '../../store/store.ts';
import type { StockCount } from '../../store/subscriptions.ts';

export const PROFILE_STATES = [
  'Available',
  'Allocated',
  'Linked',
  'Confirmed',
  'Released',
  'Downloaded',
  'Installed',
  'Error',
  'Unavailable',
] as const satisfies ProfileState[];

/** From this number of subscriptions, counting takes a while. */
const LARGE = 20_000;
/** Maximum share of time spent counting a large stock, however often it is requested. */
const COUNTING_SHARE = 1 / 20;

interface Remembered {
  counts: Promise<StockCount[]>;
  /** In terms of `performance.now()`. */
  until: number;
}

const remembered = new WeakMap<Store, Map<string, Remembered>>();

/**
 * Counts subscriptions by profile type and state; for a large stock, the result may be a few seconds old. See
 * docs/decisions/0009-counting-stock.md.
 */
export async function countStock(accountSid: string, store: Store): Promise<StockCount[]> {
  const accounts = remembered.get(store) ?? new Map<string, Remembered>();
  remembered.set(store, accounts);
  const known = accounts.get(accountSid);
  if (known !== undefined && performance.now() < known.until) return known.counts;
  const started = performance.now();
  const counting = store.subscriptions.summary(accountSid);
  // Requests for a large stock during a count share its result.
  const task = { counts: counting, until: Infinity };
  if (known !== undefined) accounts.set(accountSid, task);
  let large = false;
  try {
    const counts = await counting;
    large = counts.reduce((sum, { count }) => sum + count, 0) >= LARGE;
    return counts;
  } finally {
    const ended = performance.now();
    task.until = ended + (ended - started) / COUNTING_SHARE;
    if (large) accounts.set(accountSid, task);
    else accounts.delete(accountSid);
  }
}

/** To be called after adding to the stock. */
export function forgetStockCount(accountSid: string, store: Store): void {
  remembered.get(store)?.delete(accountSid);
}

export interface StockSummary {
  profile_type: string;
  available: number;
  /** Assigned to an order, not yet downloaded. */
  ordered: number;
  in_use: number;
  unusable: number;
  total: number;
}

const COUNTED_AS: Record<ProfileState, 'available' | 'ordered' | 'in_use' | 'unusable'> = {
  Available: 'available',
  Allocated: 'ordered',
  Linked: 'ordered',
  Confirmed: 'ordered',
  Released: 'ordered',
  Downloaded: 'in_use',
  Installed: 'in_use',
  Error: 'unusable',
  Unavailable: 'unusable',
};

/** One line per profile type, in the order of `counts`. */
export function summarise(counts: StockCount[]): StockSummary[] {
  const byType = new Map<string, StockSummary>();
  for (const { profile_type, state, count } of counts) {
    let summary = byType.get(profile_type);
    if (summary === undefined) {
      summary = { profile_type, available: 0, ordered: 0, in_use: 0, unusable: 0, total: 0 };
      byType.set(profile_type, summary);
    }
    summary[COUNTED_AS[state]] += count;
    summary.total += count;
  }
  return [...byType.values()];
}
