import type { Flavor } from '../flavor.ts';

/**
 * Indexes of callbacks by state, and of ICCIDs and EIDs by their last digits, the part by which people tell them
 * apart. ICCIDs are indexed in the stock, where they are written once, not during an order.
 */
export function finding({ ending, statistics }: Flavor): string[] {
  return [
    `create index callbacks_by_state on callbacks (account_sid, state, sid)`,
    `create index subscriptions_by_iccid_end on subscriptions (account_sid, (${ending('iccid')}))`,
    `create index esim_profiles_by_eid_end on esim_profiles (account_sid, (${ending('eid')}))
      where eid is not null`,
    ...statistics({
      callbacks: { callbacks_by_state: [1_000_000, 100_000, 20_000, 1] },
      subscriptions: { subscriptions_by_iccid_end: [1_000_000, 100_000, 1] },
      esim_profiles: { esim_profiles_by_eid_end: [1_000_000, 100_000, 1] },
    }),
  ];
}
