// The tables, as Kysely sees them. Columns bear the names of the API's fields where there is one.
// Ids and times are text, booleans are 0 or 1, so that SQLite and PostgreSQL hold the same values.

/** The API's `status` of an eSIM Profile, in the order of its life. */
export type EsimProfileStatus =
  'new' | 'reserving' | 'available' | 'downloaded' | 'installed' | 'failed';

/** The API's `status` of a Sim. */
export type SimStatus = 'new' | 'ready' | 'active' | 'inactive' | 'scheduled';

/** SGP.22 §3.1.6: state of a profile at the SM-DP+. */
export type ProfileState =
  | 'Available'
  | 'Allocated'
  | 'Linked'
  | 'Confirmed'
  | 'Released'
  | 'Downloaded'
  | 'Installed'
  | 'Error'
  | 'Unavailable';

export type HttpMethod = 'GET' | 'POST';

export interface AccountRow {
  sid: string;
  friendly_name: string;
  /** Sealed with the master key: the callback signature needs it in clear. */
  auth_token: string;
  date_created: string;
}

export interface ApiKeyRow {
  account_sid: string;
  sid: string;
  friendly_name: string;
  /** SHA-256 of the secret, hex: the secret is random, so it cannot be guessed back. */
  secret_hash: string;
  scope: 'full' | 'read';
  date_created: string;
  date_revoked: string | null;
}

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
  generate_matching_id: 0 | 1;
  profile_type: string | null;
  callback_url: string | null;
  callback_method: HttpMethod;
  date_created: string;
  date_updated: string;
  /** The JSON of the API resource, its URL without the base. Written with the columns it is made from. */
  resource: string;
}

/** One transition of an eSIM Profile, or something learned about it. */
export interface EsimProfileEventRow {
  account_sid: string;
  esim_profile_sid: string;
  sid: string;
  type: 'status';
  status: EsimProfileStatus;
  previous_status: EsimProfileStatus | null;
  cause: string;
  detail: string | null;
  date_created: string;
}

export interface SimRow {
  account_sid: string;
  sid: string;
  iccid: string;
  unique_name: string | null;
  status: SimStatus;
  /** What a `scheduled` Sim turns into. */
  scheduled_status: SimStatus | null;
  fleet_sid: string | null;
  callback_url: string | null;
  callback_method: HttpMethod;
  date_created: string;
  date_updated: string;
}

/** A subscription that was imported: stock while `Available`, then one order's profile at the SM-DP+. */
export interface SubscriptionRow {
  account_sid: string;
  iccid: string;
  imsi: string;
  msisdn: string | null;
  profile_type: string;
  state: ProfileState;
  eid: string | null;
  matching_id: string | null;
  /** functionCallIdentifier of the DownloadOrder that took it: the same call again gets the same profile. */
  ordered_by: string | null;
  /** Sealed JSON of Ki, OPc, PINs, PUKs, ADM, access class. */
  secrets: string;
  date_created: string;
  date_updated: string;
}

export interface CallbackRow {
  account_sid: string;
  sid: string;
  /** The eSIM Profile or Sim that it tells about. */
  resource_sid: string;
  /** Origin of the URL: what is slow for one is not to hold up the others. */
  receiver: string;
  url: string;
  method: HttpMethod;
  /** JSON array of [name, value]. */
  parameters: string;
  state: 'pending' | 'delivered' | 'failed';
  attempts: number;
  next_attempt_at: string;
  /** Until then one node is at it. */
  locked_until: string | null;
  date_created: string;
  date_settled: string | null;
}

export interface CallbackAttemptRow {
  account_sid: string;
  callback_sid: string;
  attempt: number;
  date_started: string;
  duration_ms: number;
  /** HTTP status that came back. */
  status_code: number | null;
  /** Why there was none, or why it did not count. */
  error: string | null;
  /** The beginning of the answer. */
  response: string | null;
}

export interface IdempotencyKeyRow {
  account_sid: string;
  idempotency_key: string;
  /** Digest of the request that the key was first used for. */
  fingerprint: string;
  /** The request that holds the key until its answer is stored. */
  request_id: string;
  locked_until: string;
  response_status: number | null;
  response_body: string | null;
  date_created: string;
}

export interface SettingRow {
  name: string;
  value: string;
}

export interface Tables {
  accounts: AccountRow;
  api_keys: ApiKeyRow;
  esim_profiles: EsimProfileRow;
  esim_profile_events: EsimProfileEventRow;
  sims: SimRow;
  subscriptions: SubscriptionRow;
  callbacks: CallbackRow;
  callback_attempts: CallbackAttemptRow;
  idempotency_keys: IdempotencyKeyRow;
  settings: SettingRow;
}
