// What was under way in the whole database, for whoever restores it.
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type { Tables } from './schema.ts';

export interface InFlight {
  /** Orders without an ICCID yet. */
  ordered: number;
  available: number;
  downloaded: number;
  batches: number;
  callbacks: number;
  progress_reports: number;
  api_keys: number;
}

/** Reads by indexes, but all of them. */
export async function countInFlight(db: Kysely<Tables>): Promise<InFlight> {
  const { rows } = await sql<InFlight>`select
    (select count(*) from esim_profiles where status in ('new', 'reserving')) as ordered,
    (select count(*) from esim_profiles where status = 'available') as available,
    (select count(*) from esim_profiles where status = 'downloaded') as downloaded,
    (select count(*) from batches where step is not null) as batches,
    (select count(*) from callbacks where state = 'pending') as callbacks,
    (select count(*) from progress_reports where state = 'pending') as progress_reports,
    (select count(*) from api_keys where date_revoked is null) as api_keys`.execute(db);
  return rows[0]!;
}
