// eSIM Profiles, which are orders: their events, labels and install links.
import type { HttpMethod } from './outbox.ts';

// The tables, as typed for Kysely. Columns are named like the API's fields where there is one. Ids and times are text
// and booleans 0 or 1, so SQLite and PostgreSQL store the same values.

/** The API's `status` of an eSIM Profile, in the order of its life cycle. */
export type EsimProfileStatus =
  'new' | 'reserving' | 'available' | 'downloaded' | 'installed' | 'failed';

export interface EsimProfileRow {
  account_sid: string;
  sid: string;
  status: EsimProfileStatus;
  iccid: string | null;
  sim_sid: string | null;
  eid: string | null;
  smdp_plus_address: string | null;
  matching_id: string | null;
  activation_code: string | null;
  error_code: string | null;
  error_message: string | null;
  /** Whether it has a matching ID. */
  generate_matching_id: 0 | 1;
  /** The matching ID that it was ordered with; null: one is generated, or it has none. */
  chosen_matching_id: string | null;
  /** Whether the EID is that of the device that came, not one of the order. */
  eid_learned: 0 | 1;
  /**
   * The confirmation code itself, sealed, until the profile is installed; ConfirmOrder passes it to the SM-DP+ again when
   * the order is changed. Empty: it has one, which an older version did not keep.
   */
  confirmation_code: string | null;
  profile_type: string | null;
  /** Whether the profile type is that of the subscription that it got, not one of the order. */
  profile_type_learned: 0 | 1;
  friendly_name: string | null;
  /** The friendly name ignoring case, to be found by. */
  friendly_name_folded: string | null;
  /** JSON object of texts, in the order of its keys; null: none. Also by key and value in `esim_profile_metadata`. */
  metadata: string | null;
  /** Null: that of the account. User and password in it are sealed. */
  callback_url: string | null;
  callback_method: HttpMethod;
  /** Whether it has no callbacks, not even to the URL of the account. */
  callback_off: 0 | 1;
  /** When the order ends if nobody has downloaded the profile by then. */
  expires_at: string | null;
  /** The ended order that this one replaces. */
  replaces_sid: string | null;
  /** The order that replaces this one. */
  replaced_by_sid: string | null;
  /** The batch in which it was ordered. */
  batch_sid: string | null;
  /** The id of the request that has ordered it, for logs; null: not known. */
  request_id: string | null;
  /** The subscription that it is an order of; null: any of its profile type. */
  wanted_iccid: string | null;
  /** Counts the changes other than of the status. */
  revision: number;
  date_created: string;
  date_updated: string;
  /**
   * The JSON of the API resource, with its URL relative to the base. Written together with the columns it is made
   * from.
   */
  resource: string;
}

/** One key of the metadata of an eSIM Profile. */
export interface EsimProfileMetadataRow {
  account_sid: string;
  name: string;
  value: string;
  /** Of the eSIM Profile. */
  sid: string;
}

/** A transition of an eSIM Profile, another change of it, or a notification about it. */
export interface EsimProfileEventRow {
  account_sid: string;
  esim_profile_sid: string;
  sid: string;
  /** A change of status; of something else; or a later notification from the device. */
  type: 'status' | 'change' | 'notification';
  status: EsimProfileStatus;
  previous_status: EsimProfileStatus | null;
  cause: string;
  detail: string | null;
  date_created: string;
}

/** A link to the page with which a person installs an eSIM Profile. */
export interface InstallLinkRow {
  account_sid: string;
  esim_profile_sid: string;
  sid: string;
  /** SHA-256 of the token in its URL, hex. */
  token_hash: string;
  date_created: string;
  date_expires: string;
  date_revoked: string | null;
}

export interface EsimProfileTables {
  esim_profiles: EsimProfileRow;
  esim_profile_events: EsimProfileEventRow;
  esim_profile_metadata: EsimProfileMetadataRow;
  install_links: InstallLinkRow;
}
