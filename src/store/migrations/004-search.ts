import type { Flavor } from '../flavor.ts';

/** Indexes for filters that the original API lacks. A range of dates is one of SIDs, and needs no index. */
export function search({ statistics }: Flavor): string[] {
  return [
    `create index esim_profiles_by_matching_id on esim_profiles (account_sid, matching_id, sid)
      where matching_id is not null`,
    `create index sims_by_fleet_and_status on sims (account_sid, fleet_sid, status, sid)
      where fleet_sid is not null`,
    ...statistics({
      esim_profiles: {
        esim_profiles_by_iccid: [1_000_000, 100_000, 1],
        esim_profiles_by_matching_id: [1_000_000, 100_000, 1, 1],
      },
      sims: {
        sims_by_fleet_and_status: [1_000_000, 100_000, 1_000, 500, 1],
      },
    }),
  ];
}
