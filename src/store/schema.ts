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

/**
 * Why an order ended without its profile being installed: nobody came in time; too many downloads; too many wrong
 * confirmation codes; CancelSession by the device (§5.6.5); a failed installation that the eUICC reported.
 */
export type EndedReason =
  'expired' | 'downloadAttempts' | 'confirmationCode' | 'cancelSession' | 'installation';

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
  /** The confirmation code, sealed, until ConfirmOrder has given it to the SM-DP+. */
  confirmation_code: string | null;
  profile_type: string | null;
  /** User and password in it are sealed. */
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
  /** A change of status, or what a device has told since. */
  type: 'status' | 'notification';
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
  /** User and password in it are sealed. */
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
  /** When it could be downloaded from; null: not yet. */
  date_released: string | null;
  /** Of an order that is in the state Error. */
  ended_reason: EndedReason | null;
  /** Sealed JSON of Ki, OPc, PINs, PUKs, ADM, access class. */
  secrets: string;
  /** Sealed SHA-256 of the confirmation code that the download asks for. */
  confirmation_code: string | null;
  /** Wrong confirmation codes so far. */
  confirmation_code_attempts: number;
  /** Downloads begun so far. */
  download_attempts: number;
  /** otPK.EUICC.KA (§2.6.5) of the eUICC that a Downloaded profile was bound to, base64. */
  euicc_otpk: string | null;
  /** The seed of that binding's keys, sealed: a retry may use it again. Older versions kept the keys. */
  smdp_otsk: string | null;
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
  /** User and password in it are sealed. */
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
  response_status: number;
  response_body: string;
  date_created: string;
}

/** A browser that is signed in to the console. */
export interface ConsoleSessionRow {
  /** SHA-256 of the id in its cookie, hex. */
  id_hash: string;
  account_sid: string;
  scope: 'full' | 'read';
  /** The API key that began it; null: the auth token did. */
  key_sid: string | null;
  /** SHA-256 of the sealed auth token that began it, hex. */
  token_digest: string | null;
  date_created: string;
  date_expires: string;
}

/** A link that begins one session of the console. */
export interface ConsoleTicketRow {
  /** SHA-256 of the ticket, hex. */
  ticket_hash: string;
  account_sid: string;
  /** SHA-256 of the sealed auth token of that time, hex. */
  token_digest: string;
  date_created: string;
  date_expires: string;
}

export interface SettingRow {
  name: string;
  value: string;
}

/** A certificate of the GSMA PKI (§4.5), with its key if it is ours. */
export interface PkiCertificateRow {
  /** SHA-256 of the certificate, hex. */
  fingerprint: string;
  role: 'ci' | 'eum' | 'dpAuth' | 'dpPb' | 'dpTls';
  /** SubjectKeyIdentifier of the CI at the root, upper-case hex. */
  ci_pk_id: string;
  /** base64 of DER */
  certificate: string;
  /** Sealed PKCS #8 PEM. */
  private_key: string | null;
  /** Whether we have made it, for tests. */
  generated: 0 | 1;
  date_created: string;
}

export interface PkiCrlRow {
  ci_pk_id: string;
  /** Which part of the CI's list it is, as `CrlScope` has it; '' is all of it. */
  scope: string;
  /** base64 of DER */
  crl: string;
  date_created: string;
}

/** An operator's template of profile packages, for the subscriptions of one profile type. */
export interface ProfileTemplateRow {
  account_sid: string;
  profile_type: string;
  /** Sealed base64. */
  template: string;
  /** Another one each time that it is sealed. */
  version: string;
  /** JSON: what a phone shows of the profile. */
  metadata: string;
  date_created: string;
  /** JSON: places of the secrets that all its profiles may have in common; null: it was imported before this was asked. */
  shared_secrets: string | null;
}

/** A profile package that was made elsewhere, for one subscription. */
export interface ProfilePackageRow {
  account_sid: string;
  iccid: string;
  /** Sealed base64. */
  package: string;
  /** Another one each time that it is sealed. */
  version: string;
  date_created: string;
}

/** §3.1.3: one download attempt of one eUICC. Any node can answer its next call. */
export interface RspSessionRow {
  /** Upper-case hex. */
  transaction_id: string;
  /** `initiated`: no eUICC is proven yet, and the session is not in the store. */
  step: 'initiated' | 'authenticated' | 'bound' | 'ended';
  /** euiccCiPKIdToBeUsed, upper-case hex. */
  euicc_ci_pk_id: string;
  /** The CI of the certificates that we use, upper-case hex. */
  dp_ci_pk_id: string;
  account_sid: string | null;
  iccid: string | null;
  eid: string | null;
  /** CERT.EUICC.ECDSA, base64: its key verifies what comes later, also when the session has ended. */
  euicc_certificate: string | null;
  /** Whether this eUICC had been given the profile already when this session bound it. */
  bound_before: 0 | 1;
  confirmation_required: 0 | 1;
  /** base64 */
  smdp_signature2: string | null;
  /** Digest of the request that was answered: a call that repeats it gets the same answer again. */
  authenticate_digest: string | null;
  /** bppEuiccOtpk of smdpSigned2, base64. */
  bpp_euicc_otpk: string | null;
  bind_digest: string | null;
  /** Of the InitialiseSecureChannel in the bound profile package, base64; null when none was made. */
  smdp_sign: string | null;
  date_created: string;
  date_expires: string;
}

/** A notification that was accepted: the same one again changes nothing. */
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

/** One ES9+ call about a profile. */
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
  /** Where the call came from. */
  address: string | null;
  duration_ms: number;
  /** functionExecutionStatus */
  status: string;
  subject_code: string | null;
  reason_code: string | null;
  message: string | null;
  /** The message without secrets: its bytes, or in ASN.1 value notation; see smdp/download/logged-message.ts. */
  request: string;
  response: string | null;
  date_created: string;
}

/** TLS handshakes on ES9+ that failed for one reason. */
export interface TlsFailureRow {
  reason: string;
  failures: number;
  /** Of the client that failed last. */
  address: string;
  date_first: string;
  date_last: string;
}

export interface Tables {
  pki_certificates: PkiCertificateRow;
  pki_crls: PkiCrlRow;
  profile_templates: ProfileTemplateRow;
  profile_packages: ProfilePackageRow;
  rsp_sessions: RspSessionRow;
  rsp_notifications: RspNotificationRow;
  rsp_log: RspLogRow;
  accounts: AccountRow;
  api_keys: ApiKeyRow;
  esim_profiles: EsimProfileRow;
  esim_profile_events: EsimProfileEventRow;
  sims: SimRow;
  subscriptions: SubscriptionRow;
  callbacks: CallbackRow;
  callback_attempts: CallbackAttemptRow;
  idempotency_keys: IdempotencyKeyRow;
  console_sessions: ConsoleSessionRow;
  console_tickets: ConsoleTicketRow;
  settings: SettingRow;
  tls_failures: TlsFailureRow;
}
