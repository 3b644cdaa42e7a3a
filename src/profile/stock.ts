// How much stock there is.
import type { ProfileState } from '../store/schema.ts';
import type { StockCount } from '../store/subscriptions.ts';

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
