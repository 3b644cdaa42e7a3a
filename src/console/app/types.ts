// The API's responses, as used by the console.
import type { FileProblem } from './http.ts';
import type { Forecast } from './statistics.ts';

export const STATUSES = [
  'new',
  'reserving',
  'available',
  'downloaded',
  'installed',
  'failed',
] as const;
export type Status = (typeof STATUSES)[number];

/** What a key may do. */
export type Scope = 'full' | 'orders' | 'stock' | 'read';

export interface EsimProfile {
  sid: string;
  account_sid: string;
  iccid: string | null;
  sim_sid: string | null;
  status: Status;
  eid: string | null;
  smdp_plus_address: string | null;
  matching_id: string | null;
  activation_code: string | null;
  error_code: string | null;
  error_message: string | null;
  date_created: string;
  date_updated: string;
  /** From here on, only those that have a value. */
  expires_at?: string;
  replaces_sid?: string;
  replaced_by_sid?: string;
  profile_type?: string;
  friendly_name?: string;
  metadata?: Readonly<Record<string, string>>;
  batch_sid?: string;
}

/** How many records a list has. */
export interface Count {
  count: number;
  /** Whether there are more, or may be. */
  more: boolean;
}

export interface EsimProfileEvent {
  sid: string;
  esim_profile_sid: string;
  /** `change`: by the owner, other than of the status; `notification`: by the device. */
  type: 'status' | 'change' | 'notification';
  status: Status;
  previous_status: Status | null;
  cause: string;
  detail: string | null;
  date_created: string;
}

export interface RspLogEntry {
  sid: string;
  function: string;
  binding: 'json' | 'asn1';
  transaction_id: string | null;
  eid: string | null;
  tac: string | null;
  imei: string | null;
  lpa: string | null;
  address: string | null;
  duration_ms: number;
  status: string;
  subject_code: string | null;
  subject: string | null;
  reason_code: string | null;
  reason: string | null;
  message: string | null;
  request: string;
  response: string | null;
  date_created: string;
}

/** The outcome of a test of a receiver. */
export interface CallbackTest {
  sid: string;
  callback_url: string;
  callback_method: string;
  parameters: Record<string, string>;
  state: 'delivered' | 'failed';
  duration_ms: number;
  status_code: number | null;
  error: string | null;
  response: string | null;
}

export interface RehearsalStep {
  /** Last `finished` or `failed`. */
  step: string;
  ok: boolean;
  detail: string;
  esim_profile_sid: string | null;
  date: string;
}

/** To send a callback, or a report to an operator. */
export interface Attempt {
  attempt: number;
  date_started: string;
  duration_ms: number;
  status_code: number | null;
  error: string | null;
  response: string | null;
}

export const CALLBACK_STATES = ['pending', 'delivered', 'failed'] as const;
export type CallbackState = (typeof CALLBACK_STATES)[number];

export interface Callback {
  sid: string;
  esim_profile_sid: string | null;
  sim_sid: string | null;
  /** Only of a callback about the stock. */
  stock_threshold_sid?: string;
  callback_url: string;
  callback_method: string;
  parameters: Record<string, string>;
  state: CallbackState;
  attempts: Attempt[];
  next_attempt_at: string | null;
  date_created: string;
  date_settled: string | null;
}

export interface Operator {
  sid: string;
  friendly_name: string;
  requester_identifier: string | null;
  progress_url: string | null;
  is_told: boolean;
  certificates: {
    fingerprint: string;
    subject: string;
    valid_until: string;
    refused: string | null;
  }[];
  date_created: string;
  date_revoked: string | null;
}

export const PROGRESS_STATES = ['pending', 'delivered', 'failed', 'kept'] as const;

export interface ProgressReport {
  sid: string;
  operator_sid: string;
  iccid: string;
  eid: string | null;
  profile_type: string;
  notification_point_id: number;
  notification_point: string | null;
  status: string;
  status_code: string | null;
  message: string | null;
  timestamp: string;
  function_call_identifier: string;
  result_data: string | null;
  state: (typeof PROGRESS_STATES)[number];
  attempts: Attempt[];
  next_attempt_at: string | null;
  date_created: string;
  date_settled: string | null;
}

export const SIM_STATUSES = ['new', 'ready', 'active', 'inactive', 'scheduled'] as const;
export type SimStatus = (typeof SIM_STATUSES)[number];

export interface Sim {
  sid: string;
  unique_name: string | null;
  status: SimStatus;
  fleet_sid: string | null;
  iccid: string;
  date_created: string;
  date_updated: string;
}

export interface StockOfType {
  profile_type: string;
  available: number;
  /** Assigned to an order, not yet downloaded. */
  ordered: number;
  /** Downloaded or installed. */
  in_use: number;
  /** Failed or withdrawn. */
  unusable: number;
  total: number;
  iccid_ranges: IccidRange[];
  more_iccid_ranges: number;
  threshold: StockThreshold | null;
  forecast: Forecast;
}

export interface IccidRange {
  first: string;
  last: string;
  available: number;
}

export interface StockThreshold {
  threshold: number;
  state: 'sufficient' | 'low';
  callback_url: string | null;
}

export interface Stock {
  profile_types: StockOfType[];
}

export interface StockImport {
  imported: number;
  already_in_stock: number;
  dry_run: boolean;
  ignored_columns: string[];
}

export interface PreviewedColumn {
  number: number;
  name: string | null;
  field: string | null;
}

export interface StockPreview {
  encoding: string;
  delimiter: string;
  header_line: number | null;
  columns: PreviewedColumn[];
  rows: { line: number; cells: string[] }[];
  problems: FileProblem[];
}

export interface Key {
  sid: string;
  friendly_name: string | null;
  scope: Scope;
  date_created: string;
  date_revoked: string | null;
  /** Only in the response that creates the key. */
  secret?: string;
}

export interface Account {
  sid: string;
  friendly_name: string;
  scope: Scope;
  /** A rented one has the stock. */
  smdp_plus: 'built-in' | 'rented';
  smdp_plus_address: string;
  /** Null: there is no eIM. */
  eim_id: string | null;
  eim_fqdn: string | null;
  version: string;
  release_again: ReleaseAgain;
  /** Without user name and password. */
  callback_url: string | null;
  callback_method: 'POST' | 'GET';
  /** Whether callbacks about eUICCs go there, too. */
  euicc_callbacks: boolean;
  date_created: string;
}

/** The secret that signs callbacks. */
export interface CallbackSecret {
  secret: string;
  /** The one before, and until when it signs as well. */
  previous_secret: string | null;
  previous_until: string | null;
}

/** When the subscription of an order is released again by itself. */
export type ReleaseAgain = 'off' | 'failure' | 'deletion' | 'both';

/** How the install pages look; what is not set is null. */
export interface Brand {
  name: string | null;
  /** `#rrggbb` */
  accent_color: string | null;
  support_text: string | null;
  support_url: string | null;
  /** A `data:` URL. */
  logo: string | null;
}

export interface InstallLink {
  sid: string;
  state: 'active' | 'expired' | 'revoked';
  date_created: string;
  date_expires: string;
  date_revoked: string | null;
  /** Only in the response that creates the link. */
  page_url?: string;
}

/** What opens the installer of a phone. */
export interface Install {
  lpa: string;
  apple_url: string;
  android_url: string;
}

export interface Meta {
  next_page_url: string | null;
  previous_page_url: string | null;
  page: number;
  page_size: number;
}

export const BATCH_STATUSES = ['running', 'completed', 'failed', 'cancelled'] as const;
export type BatchStatus = (typeof BATCH_STATUSES)[number];

/** Many orders at once. */
export interface Batch {
  sid: string;
  status: BatchStatus;
  all_or_nothing: boolean;
  count: number;
  /** Will be ordered. */
  pending: number;
  ordered: number;
  /** Were not valid, or could not be ordered. */
  refused: number;
  /** Left over by a batch that has failed or was cancelled. */
  not_ordered: number;
  /** Taken from stock, not ordered yet. */
  reserved: number;
  /** How many of its eSIM Profiles have each status now. Not in lists. */
  esim_profiles?: Record<Status, number>;
  error_code: string | null;
  error_message: string | null;
  date_created: string;
  date_completed: string | null;
}

export interface BatchItem {
  /** From 1. */
  item: number;
  error: string | null;
}

/** What a batch would do. */
export interface BatchSurvey {
  count: number;
  valid: number;
  /** How many the stock can give now. */
  orderable: number;
  /** `profile_type` null: any. `available` is counted up to 10,000. */
  stock: { profile_type: string | null; wanted: number; available: number }[];
  problem_count: number;
  problems: { item: number; message: string }[];
}

/** Who changed what. */
export interface AuditEntry {
  sid: string;
  account_sid: string;
  date_created: string;
  operation: string;
  outcome: 'done' | 'denied';
  actor: {
    name: string;
    type: 'account' | 'key' | 'console' | 'operator' | 'command' | 'server';
    scope?: string;
    session?: string;
  };
  address: string | null;
  changes: readonly {
    subject: string;
    request_id: string | null;
    before: Readonly<Record<string, unknown>> | null;
    after: Readonly<Record<string, unknown>> | null;
  }[];
  sealed: boolean;
}
