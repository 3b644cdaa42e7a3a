// What devices and SM-DSs have done with the SM-DP+.

/** §3.1.3: one download attempt of one eUICC. Any node can answer its next call. */
export interface RspSessionRow {
  /** Upper-case hex. */
  transaction_id: string;
  /** `initiated`: the eUICC is not authenticated yet, and the session is not stored. */
  step: 'initiated' | 'authenticated' | 'bound' | 'ended';
  /** euiccCiPKIdToBeUsed, upper-case hex. */
  euicc_ci_pk_id: string;
  /** The CI of our certificates in this session, upper-case hex. */
  dp_ci_pk_id: string;
  account_sid: string | null;
  iccid: string | null;
  /** The order of the profile: functionCallIdentifier of its DownloadOrder. Null: stored by an older version. */
  ordered_by: string | null;
  /** The profile's `order_number` then. Null: stored by an older version. */
  order_number: number | null;
  eid: string | null;
  /** CERT.EUICC.ECDSA, base64: its key verifies later messages, even after the session has ended. */
  euicc_certificate: string | null;
  /** Whether the profile had already been sent to this eUICC when this session bound it. */
  bound_before: 0 | 1;
  confirmation_required: 0 | 1;
  /** base64 */
  smdp_signature2: string | null;
  /** Digest of the answered request: a repeated call gets the same response. */
  authenticate_digest: string | null;
  /** bppEuiccOtpk of smdpSigned2, base64. */
  bpp_euicc_otpk: string | null;
  bind_digest: string | null;
  /** smdpSign of the InitialiseSecureChannel in the bound profile package, base64; null: none was made. */
  smdp_sign: string | null;
  date_created: string;
  date_expires: string;
  /** When to decide whether the session may be deleted; `NOT_DUE` as long as it has a log. */
  date_due: string;
  /**
   * The calls of the session, as in smdp/download/session-log.ts. Null: its log was deleted, or the session was stored by
   * an older version, whose calls are in `rsp_log`.
   */
  log: Uint8Array | null;
}

/** An accepted notification; repeating it has no effect. */
export interface RspNotificationRow {
  eid: string;
  /** SHA-256 of the notification, hex. */
  digest: string;
  account_sid: string;
  iccid: string;
  sequence_number: number;
  event: string;
  date_created: string;
}

/** The bindings of ES9+: JSON (SGP.22 §6.5) and ASN.1 (§6.6). */
export type BindingName = 'json' | 'asn1';

/** One ES9+ call about a profile: a row of its own, or part of its session's row. */
export interface RspLogRow {
  account_sid: string;
  esim_profile_sid: string;
  sid: string;
  function: string;
  transaction_id: string | null;
  eid: string | null;
  tac: string | null;
  imei: string | null;
  /** User-Agent of the LPA. */
  lpa: string | null;
  /** Network address of the caller. */
  address: string | null;
  duration_ms: number;
  /** functionExecutionStatus */
  status: string;
  subject_code: string | null;
  reason_code: string | null;
  message: string | null;
  /** Null: JSON. */
  binding: Exclude<BindingName, 'json'> | null;
  /** The message without secrets, as bytes or in ASN.1 value notation; see smdp/download/logged-message.ts. */
  request: string;
  response: string | null;
  date_created: string;
}

/** An event at an SM-DS (ES12). */
export interface SmdsEventRow {
  event_id: string;
  /** Upper case. */
  eid: string;
  /** Of the SM-DS: host, with its port if it is not 443. */
  address: string;
  account_sid: string;
  iccid: string;
  /** Of the order that it announces, like `ordered_by`; see `SubscriptionRow`. */
  order_number: number;
  ordered_by: string;
  /** forwardingIndicator */
  forwards: 0 | 1;
  /** Whether it is to be registered, or else deleted. */
  wanted: 0 | 1;
  /** Whether the SM-DS has it; unknown while a call is under way, or if one had no answer. */
  state: 'absent' | 'registered' | 'unknown';
  /** Calls since it was last decided whether it is wanted. */
  attempts: number;
  /** Why the last of them failed. */
  error: string | null;
  /** Null: settled. */
  next_attempt_at: string | null;
  /** Until then, a node is calling. */
  locked_until: string | null;
  date_created: string;
  date_updated: string;
}

/** Failed TLS handshakes on ES9+ with the same reason. */
export interface TlsFailureRow {
  reason: string;
  failures: number;
  /** Address of the client that failed last. */
  address: string;
  date_first: string;
  date_last: string;
}

export interface RspTables {
  rsp_sessions: RspSessionRow;
  rsp_notifications: RspNotificationRow;
  rsp_log: RspLogRow;
  smds_events: SmdsEventRow;
  tls_failures: TlsFailureRow;
}
