// Sims.
import type { HttpMethod } from './outbox.ts';

/** The API's `status` of a Sim. */
export type SimStatus = 'new' | 'ready' | 'active' | 'inactive' | 'scheduled';

export interface SimRow {
  account_sid: string;
  sid: string;
  iccid: string;
  unique_name: string | null;
  status: SimStatus;
  /** The next status of a `scheduled` Sim. */
  scheduled_status: SimStatus | null;
  fleet_sid: string | null;
  /** Null: that of the account. User and password in it are sealed. */
  callback_url: string | null;
  callback_method: HttpMethod;
  /** Whether it has no callbacks, not even to the URL of the account. */
  callback_off: 0 | 1;
  date_created: string;
  date_updated: string;
}

export interface SimTables {
  sims: SimRow;
}
