// How much stock there is.
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

/** Subscriptions of an account from which on counting them takes a while. */
const LARGE = 20_000;
/** Counting a large stock takes at most this part of the time, however often somebody asks. */
const COUNTING_SHARE = 1 / 20;

interface Remembered {
  counts: Promise<StockCount[]>;
  /** On the clock of `performance`. */
  until: number;
}

const remembered = new WeakMap<Store, Map<string, Remembered>>();

/**
 * How many subscriptions there are of each profile type in each state; of a large stock, as it was up to a few
 * seconds ago. See docs/decisions/0009-counting-stock.md.
 */
export async function countStock(accountSid: string, store: Store): Promise<StockCount[]> {
  const accounts = remembered.get(store) ?? new Map<string, Remembered>();
  remembered.set(store, accounts);
  const known = accounts.get(accountSid);
  if (known !== undefined && performance.now() < known.until) return known.counts;
  const started = performance.now();
  const counting = store.subscriptions.summary(accountSid);
  // Whoever asks for a large stock while it is being counted shares the answer.
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

/** For who has just added to it. */
export function forgetStockCount(accountSid: string, store: Store): void {
  remembered.get(store)?.delete(accountSid);
}

export interface StockSummary {
  profile_type: string;
  available: number;
  /** Given to an order, not yet downloaded. */
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

/** One line for each profile type, in the order in which they come. */
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
