// The API's responses about eUICCs of the eIM.

export const EUICC_STATES = ['registered', 'associated', 'left'] as const;
export type EuiccState = (typeof EUICC_STATES)[number];

export interface ReportedProfile {
  iccid: string;
  state: 'enabled' | 'disabled';
  service_provider: string | null;
  name: string | null;
  nickname: string | null;
  fallback: boolean;
  /** The order of the account that it is. */
  esim_profile_sid?: string | null;
}

export interface Capabilities {
  ipa_features: readonly string[] | null;
  ipa_protocols: readonly string[] | null;
  default_smdp_address: string | null;
  root_smds_address: string | null;
  svn: string | null;
  firmware: string | null;
  iot_versions: readonly string[] | null;
  fallback: boolean | null;
}

export interface Euicc {
  sid: string;
  eid: string;
  friendly_name: string | null;
  status: EuiccState;
  has_certificate: boolean;
  counter: number;
  sequence_number: number | null;
  key: number;
  result_signature: 'associationToken' | 'eimSignature';
  unsigned_results: boolean;
  capabilities: Capabilities | null;
  profiles: readonly ReportedProfile[] | null;
  date_profiles: string | null;
  /** When they were last listed as a whole; before, there may be others. */
  date_listed: string | null;
  default_smdp_address: string | null;
  immediate_enable: { allowed: boolean; smdp_address: string | null } | null;
  /** That it knows. */
  eim_ids: readonly string[] | null;
  /** With user name and password masked; null: as the account. */
  callback_url: string | null;
  callback_method: 'GET' | 'POST';
  group_sid: string | null;
  metadata: Readonly<Record<string, string>>;
  /** Where its IPA listens; null: it only polls. */
  ipa_url: string | null;
  ipa_binding: 'asn1' | 'json' | null;
  date_seen: string | null;
  date_created: string;
  date_updated: string;
}

export interface EuiccOnboarding {
  eid: string;
  eim_id: string;
  eim_fqdn: string;
  /** DER in base64. */
  add_initial_eim_request: string;
}

export const OPERATION_STATUSES = ['queued', 'sent', 'completed', 'failed', 'cancelled'] as const;
export type OperationStatus = (typeof OPERATION_STATUSES)[number];

export interface EuiccOperation {
  sid: string;
  euicc_sid: string;
  eid: string;
  kind: string;
  /** Those of a package are a list of commands. */
  parameters: Readonly<Record<string, string | number | boolean | readonly object[]>>;
  status: OperationStatus;
  esim_profile_sid: string | null;
  /** The bulk operation that it is part of. */
  bulk_sid: string | null;
  callback_url: string | null;
  result: {
    iccid?: string | null;
    profiles?: readonly ReportedProfile[];
    eim_ids?: readonly string[];
    association_token?: number;
    rules?: readonly { ppr_ids: readonly string[]; consent_required: boolean }[];
    commands?: readonly { kind: string; code: string }[];
  } | null;
  /** Of a sent one: why the last attempt has failed, as its IPA says. */
  error_code: string | null;
  error_message: string | null;
  failed_attempts: number;
  /** Oldest first. */
  history: readonly { status: OperationStatus; date: string; error_code?: string }[];
  date_created: string;
  date_updated: string;
  date_sent: string | null;
  /** It is not handed out before. */
  date_due: string | null;
  date_ended: string | null;
}

export interface EuiccEvent {
  sid: string;
  account_sid: string;
  euicc_sid: string;
  eid: string;
  /** Null: it is about the eUICC itself. */
  operation_sid: string | null;
  status: OperationStatus | EuiccState | 'removed';
}

export interface EuiccPackage {
  number: number;
  state: 'open' | 'resolved' | 'dead';
  counter: number | null;
  transaction_id: string;
  rsp_transaction_id: string | null;
  sent: number;
  /** In ASN.1 value notation. */
  request: string;
  /** DER in base64. */
  request_der: string;
  response: string | null;
  response_der: string | null;
  date_created: string;
  date_sent: string;
  date_ended: string | null;
}

/** Of a package. */
export type EuiccCommand = { kind: string } & Readonly<Record<string, string | number | boolean>>;

/** Whether it has not ended. */
export const isUnderWay = ({ status }: Pick<EuiccOperation, 'status'>) =>
  status === 'queued' || status === 'sent';

export interface EuiccGroup {
  sid: string;
  name: string;
  /** By status. In lists, if they are asked for. */
  euiccs?: Readonly<Record<EuiccState, number>>;
  date_created: string;
}

/** What a registration of many has done. */
export interface EuiccImport {
  count: number;
  registered: number;
  updated: number;
  unchanged: number;
  refused: number;
  problem_count: number;
  problems: readonly { item: number; message: string }[];
}

/** What a bulk operation would be about. */
export interface BulkSurvey {
  count: number;
  valid: number;
  problem_count: number;
  problems: readonly { item: number; message: string }[];
}

export const BULK_STATUSES = ['running', 'paused', 'halted', 'completed', 'cancelled'] as const;
export type BulkStatus = (typeof BULK_STATUSES)[number];

export const BULK_ITEM_STATES = [
  'waiting',
  'queued',
  'sent',
  'completed',
  'failed',
  'cancelled',
  'refused',
  'not-sent',
] as const;
export type BulkItemState = (typeof BULK_ITEM_STATES)[number];

/** One operation on each of many eUICCs. */
export interface BulkOperation {
  sid: string;
  status: BulkStatus;
  kind: string;
  parameters: EuiccOperation['parameters'];
  order: { profile_type: string | null } | null;
  target: {
    group_sid?: string;
    all_euiccs?: boolean;
    list?: boolean;
    status?: readonly string[];
    seen_after?: string;
    seen_before?: string;
    profile?: string;
    batch_sid?: string;
  };
  count: number;
  refused: number;
  /** Not in lists. */
  counts?: Readonly<Record<Exclude<BulkItemState, 'not-sent'> | 'not_sent', number>>;
  rate: number | null;
  maximum_failures: string | null;
  canary: number | null;
  canary_approval: boolean;
  is_canary: boolean;
  callback_url: string | null;
  error_code: string | null;
  error_message: string | null;
  expires_at: string;
  date_created: string;
  date_ended: string | null;
}

export interface BulkItem {
  /** From 1. */
  item: number;
  eid: string | null;
  state: BulkItemState;
  error_code: string | null;
  error_message: string | null;
  iccid: string | null;
  operation_sid: string | null;
  euicc_sid: string | null;
}
