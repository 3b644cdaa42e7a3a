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
  parameters: Readonly<Record<string, string | number | boolean>>;
  status: OperationStatus;
  esim_profile_sid: string | null;
  result: {
    iccid?: string | null;
    profiles?: readonly ReportedProfile[];
    eim_ids?: readonly string[];
    association_token?: number;
  } | null;
  error_code: string | null;
  error_message: string | null;
  date_created: string;
  date_updated: string;
  date_sent: string | null;
  date_ended: string | null;
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

/** Whether it has not ended. */
export const isUnderWay = ({ status }: Pick<EuiccOperation, 'status'>) =>
  status === 'queued' || status === 'sent';
