import type { Flavor } from '../flavor.ts';

/**
 * The callbacks of an account by their state; and ICCIDs and EIDs by their ends, since that is the part that people
 * tell them apart by. ICCIDs in the stock, where they are written once and not while somebody waits for an order.
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
