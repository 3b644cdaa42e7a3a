// What the eIM has eUICCs and their IPAs do.
import type { HttpMethod } from './outbox.ts';

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
  /** JSON of what is kept of that download, so that compact messages of it can be rebuilt. */
  rsp_session: string | null;
  /** `dead`: without a result, and no longer sent. */
  state: 'open' | 'resolved' | 'dead';
  /** How often it was handed out. */
  sent: number;
  /** The highest seqNumber that its eUICC was known to have used when it was handed out first; null: none was. */
  after_seq_number: number | null;
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

/** How far the eIM has followed the events of an account. */
export interface EimMarkRow {
  account_sid: string;
  /** SID of the last event. */
  followed_to: string;
}

export interface EimOperationTables {
  eim_operations: EimOperationRow;
  eim_packages: EimPackageRow;
  eim_notifications: EimNotificationRow;
  eim_marks: EimMarkRow;
}
