import type { Flavor } from '../flavor.ts';

/**
 * Each index of random keys costs a page of SQLite's log with each write of its key. Lists by EID need none of their own, if
 * they name the EID's end as well.
 */
export function fewerPages({ eidsByEnd }: Flavor): string[] {
  return eidsByEnd ? [`drop index esim_profiles_by_eid`] : [];
}
