// The tables, as typed for Kysely. Columns are named like the API's fields where there is one. Ids and times are text
// and booleans 0 or 1, so SQLite and PostgreSQL store the same values.

/** The API's `status` of an eSIM Profile, in the order of its life cycle. */
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

/**
 * When the subscription of an order is released again, as a new order, without being asked: never; when its eUICC has
 * reported a failed installation; when it has reported the deletion; in both cases.
 */
export type ReleaseAgain = 'off' | 'failure' | 'deletion' | 'both';

export interface AccountRow {
  sid: string;
  friendly_name: string;
  /** Sealed with the master key, not hashed: signing callbacks needs the plain text. */
  auth_token: string;
  release_again: ReleaseAgain;
  /** For orders and Sims without one of their own; user and password in it are sealed. */
  callback_url: string | null;
  callback_method: HttpMethod;
  /** Whether it is called about eUICCs of the eIM as well. */
  euicc_callbacks: 0 | 1;
  /** Counts the secrets that have signed its callbacks; each is derived from the master key by its number. */
  callback_secret_number: number;
  /** Until when the secret before that one signs as well. */
  callback_secret_until: string | null;
  /** The id of the master key that the newest one is derived from, and the one before; null: the first key. */
  callback_secret_key: string | null;
  callback_secret_key_before: string | null;
  /** Until when no other rehearsal of the account may begin. */
  rehearsal_until: string | null;
  date_created: string;
}

export interface ApiKeyRow {
  account_sid: string;
  sid: string;
  friendly_name: string;
  /** SHA-256 of the secret, hex. The secret is random, so the hash cannot be reversed by guessing. */
  secret_hash: string;
  scope: 'full' | 'read';
  /** What it may change beside reading, if its scope is `read`. */
  role: 'orders' | 'stock' | null;
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

/** Orders placed together, as many as 10,000, which a job then carries out part by part. */
export interface BatchRow {
  account_sid: string;
  sid: string;
  status: 'running' | 'completed' | 'failed' | 'cancelled';
  /**
   * What the job does next: takes the stock for all items, orders them, or gives back what is still taken. Null: nothing
   * more.
   */
  step: 'reserve' | 'order' | 'return' | null;
  all_or_nothing: 0 | 1;
  item_count: number;
  /** Items of each part, except that the last may have fewer. */
  part_size: number;
  /** The first part, from 0, with which the step is not done. */
  next_part: number;
  /** Items with an eSIM Profile. */
  ordered: number;
  /** Items with an error. */
  refused: number;
  /** Subscriptions that are taken from stock for items that are not ordered yet. */
  reserved: number;
  /** Sealed JSON of the order that each item is, if all are the same. */
  same_order: string | null;
  /** Who asked for it, for the history of its orders. */
  placed_by: string;
  /** The id of the request that did, for logs. */
  request_id: string | null;
  /** Called once, when it has ended. User and password in it are sealed. */
  callback_url: string | null;
  callback_method: HttpMethod;
  error_code: string | null;
  error_message: string | null;
  /** When the job last did something for it, with milliseconds: whose turn it is. */
  date_worked: string;
  date_created: string;
  date_updated: string;
  date_completed: string | null;
}

/** Items of a batch that are ordered in one transaction. */
export interface BatchPartRow {
  account_sid: string;
  batch_sid: string;
  /** From 0. */
  number: number;
  /** Its first item, from 1, and how many it has. */
  first_item: number;
  size: number;
  /** Sealed JSON of an order for each item, null for one with an error, until they are ordered; null: see `same_order`. */
  orders: string | null;
  /** Sealed JSON of the errors by index, if there are any. */
  errors: string | null;
  /** JSON of the SIDs of the eSIM Profiles, null for items without one; null: none is ordered yet. */
  sids: string | null;
  /** JSON of the ICCIDs that are taken for the items, null for items without one; null: none. */
  iccids: string | null;
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

/** An imported subscription: stock while `Available`, then the profile of an order at the SM-DP+. */
export interface SubscriptionRow {
  account_sid: string;
  iccid: string;
  imsi: string;
  msisdn: string | null;
  profile_type: string;
  state: ProfileState;
  eid: string | null;
  matching_id: string | null;
  /** functionCallIdentifier of the DownloadOrder that took it: repeating the call gets the same profile. */
  ordered_by: string | null;
  /** The operator that has ordered it over ES2+; null: no order, or one through the API of its account. */
  operator_sid: string | null;
  /** Counts the orders that it has been under: a session of an earlier one has no claim to a later one. */
  order_number: number;
  /** The SM-DSs where the order is announced while it waits for its EID, separated by spaces; see smds-address.ts. */
  smds: string | null;
  /** Since when it can be downloaded; null: not yet. */
  date_released: string | null;
  /** Of an order that is in the state Error. */
  ended_reason: EndedReason | null;
  /**
   * Of a profile that is in the state Error or Installed: whether it is on no eUICC, because its package never left, or the
   * eUICC has signed that it was not installed or that it was deleted.
   */
  known_absent: 0 | 1;
  /**
   * JSON of what an operator has asked for over ES2+, by which a repetition is known: see smdp/orders/repetition.ts. That of
   * CancelOrder outlives the order, until the next one begins. Null: nothing.
   */
  requests: string | null;
  /** Sealed JSON of Ki, OPc, PINs, PUKs, ADM, access class. */
  secrets: string;
  /** SHA-256 of the confirmation code required for the download, sealed. */
  confirmation_code: string | null;
  /**
   * Since when it is held back, because the database is a restored past in which it was in stock, or had an order that may have
   * ended since: it does not return to stock, and without an EID nobody may download it. Null: it is not.
   */
  held_since: string | null;
  /** Wrong confirmation codes entered so far. */
  confirmation_code_attempts: number;
  /** Downloads begun so far. */
  download_attempts: number;
  /** otPK.EUICC.KA (§2.6.5) of the eUICC that a Downloaded profile was bound to, base64. */
  euicc_otpk: string | null;
  /** The seed of that binding's keys, sealed, for a retry. Older versions stored the keys. */
  smdp_otsk: string | null;
  date_created: string;
  date_updated: string;
}

/** What an outbox needs of what is to be sent. */
export interface OutboxRow {
  account_sid: string;
  sid: string;
  state: string;
  attempts: number;
  next_attempt_at: string;
  /** Until then, one node is sending it. */
  locked_until: string | null;
  date_created: string;
  date_settled: string | null;
}

/** An attempt to send something. */
export interface AttemptRow {
  account_sid: string;
  attempt: number;
  date_started: string;
  duration_ms: number;
  /** HTTP status of the response. */
  status_code: number | null;
  /** Why there was no response, or why it was not accepted. */
  error: string | null;
  /** The beginning of the response body. */
  response: string | null;
}

export interface CallbackRow extends OutboxRow {
  /** The eSIM Profile, Sim, batch or threshold of the stock that it is about. */
  resource_sid: string;
  /** Origin of the URL. Receivers are kept apart so that a slow one does not hold up others. */
  receiver: string;
  /** User and password in it are sealed. */
  url: string;
  method: HttpMethod;
  /** JSON array of [name, value]. */
  parameters: string;
  /** The id of the request that has caused it, or has begun what it tells of, for logs; null: not known. */
  request_id: string | null;
  state: 'pending' | 'delivered' | 'failed';
}

export interface CallbackAttemptRow extends AttemptRow {
  callback_sid: string;
}

/** A report to an operator about a profile that it has ordered over ES2+ (§5.3.5). */
export interface ProgressReportRow extends OutboxRow {
  operator_sid: string;
  iccid: string;
  /** That of the subscription: which of its orders it is about. */
  order_number: number;
  notification_point_id: number;
  /** Of the notification point: the status of its function execution status. */
  status: string;
  /** JSON of the request of HandleDownloadProgressInfo, without the functionRequesterIdentifier. */
  request: string;
  /** `kept`: not sent, because the operator has no address for it, or is revoked. */
  state: 'pending' | 'delivered' | 'failed' | 'kept';
}

export interface ProgressAttemptRow extends AttemptRow {
  progress_report_sid: string;
}

export interface IdempotencyKeyRow {
  account_sid: string;
  idempotency_key: string;
  /** Digest of the request with which the key was first used. */
  fingerprint: string;
  response_status: number;
  response_body: string;
  date_created: string;
}

/** A browser's session in the console. */
export interface ConsoleSessionRow {
  /** SHA-256 of the id in its cookie, hex. */
  id_hash: string;
  account_sid: string;
  scope: 'full' | 'read';
  /** The API key that started it; null: the auth token did. */
  key_sid: string | null;
  /** SHA-256 of the sealed auth token that started it, hex. */
  token_digest: string | null;
  date_created: string;
  date_expires: string;
}

/** A link that starts one console session. */
export interface ConsoleTicketRow {
  /** SHA-256 of the ticket, hex. */
  ticket_hash: string;
  account_sid: string;
  /** SHA-256 of the sealed auth token at that time, hex. */
  token_digest: string;
  date_created: string;
  date_expires: string;
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

/** How the install pages of an account look. */
export interface BrandRow {
  account_sid: string;
  name: string | null;
  /** `#rrggbb`, in lower case. */
  accent_color: string | null;
  support_text: string | null;
  support_url: string | null;
  logo: Uint8Array | null;
  logo_type: 'image/png' | 'image/jpeg' | null;
  date_updated: string;
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
  /** Whether it belongs to the generated test PKI. */
  generated: 0 | 1;
  date_created: string;
}

export interface PkiCrlRow {
  ci_pk_id: string;
  /** Which part of the CI's list it covers, as in `CrlScope`; '' for all of it. */
  scope: string;
  /** base64 of DER */
  crl: string;
  date_created: string;
}

/** From where the CRL of a CA is fetched. */
export interface CrlPointRow {
  /** SubjectKeyIdentifier of a CI, or SHA-256 of the certificate of a CA of operators; upper-case hex. */
  issuer: string;
  url: string;
  kind: 'ci' | 'operatorCa';
  /** Whether a certificate of the CA names it, or somebody has added it. */
  added_by: 'certificate' | 'hand';
  next_fetch_at: string;
  /** Until then, somebody is fetching it. */
  locked_until: string | null;
  /** Since it was fetched last. */
  failures: number;
  /** The last one's. */
  error: string | null;
  date_failed: string | null;
  /** When a CRL was last there that we use, new or the same. */
  date_fetched: string | null;
  /** When the CA says that there will be another. */
  next_update: string | null;
  /** Of that answer, for asking whether there is a newer one. */
  etag: string | null;
  last_modified: string | null;
  date_created: string;
}

/** Who orders over ES2+ from the stock of an account. */
export interface OperatorRow {
  sid: string;
  account_sid: string;
  friendly_name: string;
  /** The only functionRequesterIdentifier that it may use; null: any. */
  requester_identifier: string | null;
  /** Base of the URL to which progress is reported, `https://HOST[:PORT]`; null: nowhere. */
  progress_url: string | null;
  /** PEM of the CAs of that server; null: those that Node trusts. */
  progress_ca: string | null;
  date_created: string;
  date_updated: string;
  date_revoked: string | null;
}

/** A client certificate by which an operator is known. */
export interface OperatorCertificateRow {
  /** SHA-256 of the certificate, upper-case hex. */
  fingerprint: string;
  operator_sid: string;
  /** base64 of DER */
  certificate: string;
  date_created: string;
  /** Since when, or until when, it is accepted: it was revoked, or another one replaces it. Null: as long as it is valid. */
  date_ends: string | null;
}

/** A CA whose certificates operators may use: imported, or our own for tests. */
export interface OperatorCaRow {
  /** SHA-256 of the certificate, upper-case hex. */
  fingerprint: string;
  /** base64 of DER */
  certificate: string;
  /** Of our own test CA: sealed PKCS #8 PEM. */
  private_key: string | null;
  /** Its last CRL, base64 of DER. */
  crl: string | null;
  date_created: string;
}

/** An operator's template of profile packages, for the subscriptions of one profile type. */
export interface ProfileTemplateRow {
  account_sid: string;
  profile_type: string;
  /** Sealed base64. */
  template: string;
  /** New each time the content is sealed. */
  version: string;
  /** JSON: metadata shown by phones. */
  metadata: string;
  date_created: string;
  /** JSON: locations of the secrets that its profiles may share; null: imported before this was required. */
  shared_secrets: string | null;
}

/** A ready profile package for one subscription, made elsewhere. */
export interface ProfilePackageRow {
  account_sid: string;
  iccid: string;
  /** Sealed base64. */
  package: string;
  /** New each time the content is sealed. */
  version: string;
  date_created: string;
}

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

/** Below how many subscriptions in stock a profile type runs low. */
export interface StockThresholdRow {
  account_sid: string;
  profile_type: string;
  sid: string;
  /** Null: it was removed. */
  threshold: number | null;
  /** As last told. */
  state: 'sufficient' | 'low';
  /** User and password in it are sealed. */
  callback_url: string | null;
  callback_method: HttpMethod;
  date_created: string;
  date_updated: string;
}

/**
 * How often something happened in a period; see operator/statistics/counting.ts. A count is the sum of what the events up to
 * the account's mark say.
 */
export interface StatisticsCountRow {
  account_sid: string;
  unit: 'all' | 'day' | 'hour';
  /** UTC: '' for all, `2026-11-23` for a day, `2026-11-23T12` for an hour. */
  period: string;
  what: StatisticsWhat;
  detail: string;
  count: number;
}

/**
 * A change of status; how an order that became available in the period ended; why one failed; the model of the device, and
 * the maker of the eUICC, of one that a device came for; a subscription taken from stock.
 */
export type StatisticsWhat = 'step' | 'end' | 'failure' | 'device' | 'euicc' | 'taken';

export interface StatisticsMarkRow {
  account_sid: string;
  /** SID of the last event that is counted. */
  counted_to: string;
}

/** Something under way at a rented SM-DP+: docs/decisions/0049-rented-smdp.md. */
export interface Es2PlusTaskRow {
  account_sid: string;
  /** SID of the order, or `BATCH.ITEM`. */
  subject: string;
  /** Of the task, as in operator/rented/task.ts. */
  kind: string;
  /** Sealed JSON. */
  task: string;
  /** With milliseconds: in the future while it waits, or somebody works on it, who has it as long as this is unchanged. */
  due_at: string;
  /** Calls without an answer since the last one that was answered. */
  attempts: number;
  /** Why the last call had no answer. */
  problem: string | null;
  date_created: string;
}

/** A call of a task. */
export interface Es2PlusCallRow {
  account_sid: string;
  subject: string;
  function: string;
  /** Which of the task's calls of the function, from 0. */
  occurrence: number;
  /** functionCallIdentifier, the same whenever it is repeated. */
  call_identifier: string;
  /** Sealed JSON, without its header. */
  request: string;
  /** `unsent`: no attempt can have arrived. `asked`: one may have. */
  state: 'unsent' | 'asked' | 'answered' | 'refused';
  /** Sealed JSON of the response, or of the refusal. */
  answer: string | null;
}

/** A report of a rented SM-DP+ that was taken. */
export interface Es2PlusReportRow {
  account_sid: string;
  /** SHA-256 of what it says, hex. */
  digest: string;
  date_created: string;
}

/**
 * Where tables are spread by account: an account in which there may be something with a value. It stays when that is gone.
 */
export interface WhereaboutsRow {
  kind: 'matching ID' | 'EID' | 'ICCID' | 'install link' | 'RSP transaction';
  value: string;
  /** Empty where only one account can have the value, otherwise the account; of an RSP transaction, the EID. */
  holder: string;
  account_sid: string;
  date_created: string;
}

/** A process that has the database open and serves, and which master keys it has. */
export interface KeyHolderRow {
  id: string;
  /** For people: host and process id. */
  process: string;
  /** Separated by spaces. */
  key_ids: string;
  seals_with: string;
  date_seen: string;
}

/** What was done by one caller in one transaction. Rows are only ever added. */
export interface AuditEntryRow {
  /** Empty: of the server, and of no account. */
  account_sid: string;
  sid: string;
  /** Of the API or the command line, by its own name. */
  operation: string;
  /** Who: SID of an account, key or operator, `USER@HOST`, or `server`. */
  actor: string;
  /** SID, ICCID or name of what was changed; null: several. */
  subject: string | null;
  /** JSON of the whole entry, these columns included: what is sealed. */
  entry: string;
  /** HMAC of `entry`, hex, with the key that it names. */
  mac: string;
}

/** Seals the entries since the seal before it, and so all of them. */
export interface AuditSealRow {
  /** From 1, without gaps. */
  number: number;
  /** SID of the last entry that it seals. */
  last_sid: string;
  /** JSON: what is sealed, with the hash of the seal before. */
  seal: string;
  /** HMAC of `seal`, hex, with the key that it names. */
  mac: string;
}

/** Up to which seal entries were deleted, because their time was over. The newest counts. */
export interface AuditCheckpointRow {
  /** Of the seal. */
  number: number;
  last_sid: string;
  /** JSON, with the hash of the seal. */
  checkpoint: string;
  /** HMAC of `checkpoint`, hex, with the key that it names. */
  mac: string;
}

/** A key of the eIM (SGP.32 §2.6): with which it signs eUICC packages, or which its TLS has. */
export interface EimKeyRow {
  role: 'package' | 'tls';
  /** The highest is used for what is new. */
  number: number;
  /** Self-signed, base64 of DER. */
  certificate: string;
  /** Sealed PKCS #8 PEM. */
  private_key: string;
  date_created: string;
}

/** An eUICC that the eIM is to manage, or manages. */
export interface EuiccRow {
  /** Upper case. */
  eid: string;
  account_sid: string;
  sid: string;
  friendly_name: string | null;
  /**
   * `registered`: known by its EID alone. `associated`: it has signed a result for us. `left`: it has signed that it no longer
   * knows us.
   */
  state: 'registered' | 'associated' | 'left';
  /** The number of the key with which packages for it are signed. */
  eim_key: number;
  /** As reported; null: none. */
  association_token: number | null;
  /** The highest counterValue that a package for it has had. */
  counter: number;
  /** The highest seqNumber of a result that was taken. */
  seq_number: number | null;
  /** The number of its last package. */
  package_number: number;
  /** What its signature of a result covers besides the result: the associationToken, or, in v1.0.1, the eimSignature. */
  result_signature: 'associationToken' | 'eimSignature';
  /** Whether results are taken without a signature. */
  unsigned_results: 0 | 1;
  /** CERT.EUICC and CERT.EUM, base64 of DER, verified up to a CI; null: not known yet. */
  euicc_certificate: string | null;
  eum_certificate: string | null;
  /** JSON of what its IPA and itself have reported. */
  capabilities: string | null;
  /** JSON of what is on it, as last reported. */
  profiles: string | null;
  date_profiles: string | null;
  /** JSON of what else is known of it: what signed results have told, and when. */
  reported: string | null;
  /** Null: that of the account, if it wants to be called about eUICCs. User and password in it are sealed. */
  callback_url: string | null;
  callback_method: HttpMethod;
  /** Whether it has no callbacks, not even to the URL of the account. */
  callback_off: 0 | 1;
  /** When it last polled, to some minutes. */
  date_seen: string | null;
  /** The group that it is in. */
  group_sid: string | null;
  /** JSON of values by keys of the owner's own; null: none. */
  metadata: string | null;
  /** Where its IPA listens for eIM packages, in which binding of ESipa; null: nowhere. */
  ipa_url: string | null;
  ipa_binding: EsipaBindingName;
  /** PEM of the CAs under which the IPA's certificate must be, or of itself; null: those that Node trusts. */
  ipa_ca: string | null;
  date_created: string;
  date_updated: string;
}

/** SGP.32 §6.3, §6.4. */
export type EsipaBindingName = 'asn1' | 'json';

/** eUICCs that belong together: each is in one group at most. */
export interface EuiccGroupRow {
  account_sid: string;
  sid: string;
  /** Unique in the account. */
  name: string;
  date_created: string;
  date_updated: string;
}

/** One operation on each of many eUICCs, as many as 10,000. */
export interface BulkOperationRow {
  account_sid: string;
  sid: string;
  /** `halted`: too many have failed, or the canaries have not passed. */
  status: 'running' | 'paused' | 'halted' | 'completed' | 'cancelled';
  /**
   * What the job does next: gives eUICCs their operations, waits for their results, waits to be resumed, or takes back what was
   * not sent. Null: nothing more.
   */
  step: 'release' | 'await' | 'hold' | 'close' | null;
  /** Of the operations. */
  kind: string;
  /** JSON of those that all operations have. */
  parameters: string;
  /** JSON of the order that is placed for each eUICC, and whose profile it downloads; null: none is. */
  order_of: string | null;
  /** JSON, for people: how the eUICCs were chosen. */
  target: string;
  item_count: number;
  /** Items of each part, except that the last may have fewer. */
  part_size: number;
  /** The first item, from 1, that was neither given its operation nor refused by the job. */
  next_item: number;
  /** Items with an error. */
  refused: number;
  /** How many eUICCs are given their operation in a minute; null: as many as possible. */
  rate: number | null;
  /** It halts when more have failed: a number, or a percentage of the items, as `5%`. */
  maximum_failures: string | null;
  /** How many had failed when it was last resumed. */
  failures_before: number;
  /** How many eUICCs try it first. */
  canary: number | null;
  /** Whether it pauses when these have passed. */
  canary_approval: 0 | 1;
  /** Whether these are under way. */
  is_canary: 0 | 1;
  /** Who asked for it, for the history of its orders. */
  placed_by: string;
  request_id: string | null;
  /** Called when it is halted, paused after its canaries, and when it has ended. User and password in it are sealed. */
  callback_url: string | null;
  callback_method: HttpMethod;
  /** Why it is halted, paused or has ended. */
  error_code: string | null;
  error_message: string | null;
  /** From when on eUICCs may be given their operation at its rate, with milliseconds. */
  rate_from: string;
  /** When the job looks at it next, with milliseconds. */
  date_due: string;
  /** When the job last found a change. */
  date_changed: string;
  /** When what was not sent is taken back. */
  date_expires: string;
  date_created: string;
  date_updated: string;
  date_ended: string | null;
}

/** Items of a bulk operation. */
export interface BulkPartRow {
  account_sid: string;
  bulk_sid: string;
  /** From 0. */
  number: number;
  /** Its first item, from 1, and how many it has. */
  first_item: number;
  size: number;
  /** JSON: the EID of each, and its own parameters. */
  items: string;
  /** JSON of the errors by index, if there are any. */
  errors: string | null;
  /** JSON of the SIDs of the operations, null for items without one; null: none has one. */
  operations: string | null;
}

/** Something to be done by an eUICC, or on its device. */
export interface EimOperationRow {
  eid: string;
  sid: string;
  account_sid: string;
  euicc_sid: string;
  /** A command of an eUICC package by its name in SGP.32, `download` or `euiccData`. */
  kind: string;
  /** JSON */
  parameters: string;
  /** `sent`: its package is open. */
  status: 'queued' | 'sent' | 'completed' | 'failed' | 'cancelled';
  /** The order that it serves. */
  esim_profile_sid: string | null;
  /** The bulk operation that it is part of. */
  bulk_sid: string | null;
  /** JSON of what was reported. */
  result: string | null;
  /** Of a `sent` one: of the last attempt, which nobody has signed. */
  error_code: string | null;
  /** While it has not ended: what it waits for. */
  error_message: string | null;
  /** Null: that of its eUICC. User and password in it are sealed. */
  callback_url: string | null;
  callback_method: HttpMethod;
  /** Whether it has no callbacks, not even to the URL of its eUICC. */
  callback_off: 0 | 1;
  /** JSON of its statuses, with their dates; null: of an older version. */
  history: string | null;
  /** How many attempts have failed that nobody has signed, as far as they count. */
  failures: number;
  /** When the last of those was. */
  date_failed: string | null;
  /** Not handed out before. */
  date_due: string | null;
  /** Of a download: sealed SHA-256 of its confirmation code, base64, until it ends. */
  confirmation_code: string | null;
  date_created: string;
  date_updated: string;
  date_sent: string | null;
  date_ended: string | null;
}

/** What has happened to an eUICC, or to an operation on it. */
export interface EuiccEventRow {
  account_sid: string;
  sid: string;
  euicc_sid: string;
  eid: string;
  /** Null: it is about the eUICC itself. */
  operation_sid: string | null;
  /** Of the operation, or else of the eUICC. */
  status: EimOperationRow['status'] | EuiccRow['state'] | 'removed';
  previous_status: EuiccEventRow['status'] | null;
  /** What has changed if not the status. */
  changed: 'date_seen' | 'attempt' | null;
  /** Of the operation. */
  kind: string | null;
  error_code: string | null;
  date_created: string;
}

/** An eIM package that was handed to an IPA. */
export interface EimPackageRow {
  eid: string;
  /** From 1, for each eUICC. */
  number: number;
  account_sid: string;
  operation_sid: string;
  /** eimTransactionId, upper-case hex. */
  transaction_id: string;
  /** counterValue of an eUICC package. */
  counter: number | null;
  /** DER as sent, and the one that resolved it. */
  request: Uint8Array;
  response: Uint8Array | null;
  /** The TransactionID at the SM-DP+ of the last download that it has triggered, upper-case hex. */
  rsp_transaction_id: string | null;
  /** The SM-DP+ or SM-DS of that download, lower case, once it is known. */
  smdp_address: string | null;
  /** `dead`: without a result, and no longer sent. */
  state: 'open' | 'resolved' | 'dead';
  /** How often it was handed out. */
  sent: number;
  date_created: string;
  date_sent: string;
  date_ended: string | null;
}

/** A notification of an eUICC that was taken over, and that its SM-DP+ has not taken yet. */
export interface EimNotificationRow {
  eid: string;
  seq_number: number;
  account_sid: string;
  /** Where it goes. */
  smdp_address: string;
  /** DER of PendingNotification. */
  notification: Uint8Array;
  attempts: number;
  /** Whoever sends it puts it off for as long as that may take. */
  due_at: string;
  date_created: string;
}

/** An eUICC for whose IPA, which listens, something waits. */
export interface EimInjectionRow {
  eid: string;
  account_sid: string;
  /** Counts how often something was added for it. */
  wanted: number;
  /** How many calls in a row have brought nothing. */
  attempts: number;
  /** JSON of seqNumbers that its IPA was not told yet. */
  acknowledgements: string | null;
  due_at: string;
  /** Whoever calls the IPA holds it until then; in the past: who held it has died. */
  locked_until: string | null;
  date_created: string;
}

/** EIDs whose eUICCs are registered when they prove who they are: a policy of an account. */
export interface EuiccRangeRow {
  /** The first digits, at least 8; of the ranges that an EID is in, the longest counts. */
  eid_prefix: string;
  account_sid: string;
  sid: string;
  /** How many it registers at most, and has registered. */
  most: number;
  registered: number;
  /** As that of `EuiccRow`, which they get. */
  result_signature: EuiccRow['result_signature'];
  date_created: string;
  date_updated: string;
}

/** An unknown eUICC whose certificates lead up to a CI, which has yet to sign something with their key. */
export interface EuiccContactRow {
  eid: string;
  eid_prefix: string;
  account_sid: string;
  /** The number of the key with which its package is signed, and how many were tried. */
  eim_key: number;
  attempts: number;
  /** Of the package that it is to answer, upper-case hex. */
  transaction_id: string;
  /** DER as sent; empty: it accepts none of our keys. */
  request: Uint8Array;
  association_token: number | null;
  euicc_certificate: string;
  eum_certificate: string;
  capabilities: string;
  date_created: string;
  date_expires: string;
}

/** How far the eIM has followed the events of an account. */
export interface EimMarkRow {
  account_sid: string;
  /** SID of the last event. */
  followed_to: string;
}

export interface Tables {
  key_holders: KeyHolderRow;
  audit_entries: AuditEntryRow;
  audit_seals: AuditSealRow;
  audit_checkpoints: AuditCheckpointRow;
  eim_keys: EimKeyRow;
  euiccs: EuiccRow;
  euicc_events: EuiccEventRow;
  eim_operations: EimOperationRow;
  eim_packages: EimPackageRow;
  eim_notifications: EimNotificationRow;
  eim_injections: EimInjectionRow;
  eim_marks: EimMarkRow;
  euicc_groups: EuiccGroupRow;
  bulk_operations: BulkOperationRow;
  bulk_parts: BulkPartRow;
  euicc_ranges: EuiccRangeRow;
  euicc_contacts: EuiccContactRow;
  whereabouts: WhereaboutsRow;
  es2plus_tasks: Es2PlusTaskRow;
  es2plus_calls: Es2PlusCallRow;
  es2plus_reports: Es2PlusReportRow;
  operators: OperatorRow;
  operator_certificates: OperatorCertificateRow;
  operator_cas: OperatorCaRow;
  stock_thresholds: StockThresholdRow;
  statistics_counts: StatisticsCountRow;
  statistics_marks: StatisticsMarkRow;
  pki_certificates: PkiCertificateRow;
  pki_crls: PkiCrlRow;
  crl_points: CrlPointRow;
  profile_templates: ProfileTemplateRow;
  profile_packages: ProfilePackageRow;
  rsp_sessions: RspSessionRow;
  rsp_notifications: RspNotificationRow;
  rsp_log: RspLogRow;
  accounts: AccountRow;
  api_keys: ApiKeyRow;
  esim_profiles: EsimProfileRow;
  esim_profile_events: EsimProfileEventRow;
  esim_profile_metadata: EsimProfileMetadataRow;
  batches: BatchRow;
  batch_parts: BatchPartRow;
  sims: SimRow;
  subscriptions: SubscriptionRow;
  smds_events: SmdsEventRow;
  callbacks: CallbackRow;
  callback_attempts: CallbackAttemptRow;
  progress_reports: ProgressReportRow;
  progress_attempts: ProgressAttemptRow;
  idempotency_keys: IdempotencyKeyRow;
  console_sessions: ConsoleSessionRow;
  console_tickets: ConsoleTicketRow;
  install_links: InstallLinkRow;
  brands: BrandRow;
  settings: SettingRow;
  tls_failures: TlsFailureRow;
}
