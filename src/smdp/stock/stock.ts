// Counting the stock.
import type { ProfileState } from '../../store/schema.ts';
import type { Store } from '../../store/store.ts';
import type { StockCount } from '../../store/stock.ts';
import { remembered } from './remembered.ts';

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

/**
 * Counts subscriptions by profile type and state; for a large stock, the result may be a few seconds old. See
 * docs/decisions/0009-counting-stock.md.
 */
export function countStock(accountSid: string, store: Store): Promise<StockCount[]> {
  return remembered('by state', accountSid, store, async () => {
    const counts = await store.stock.summary(accountSid);
    return { value: counts, counted: counts.reduce((sum, { count }) => sum + count, 0) };
  });
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
