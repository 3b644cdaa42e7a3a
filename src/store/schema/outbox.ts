// What is sent to others until they have taken it: callbacks, and reports to operators.

export type HttpMethod = 'GET' | 'POST';

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

export interface OutboxTables {
  callbacks: CallbackRow;
  callback_attempts: CallbackAttemptRow;
  progress_reports: ProgressReportRow;
  progress_attempts: ProgressAttemptRow;
}
