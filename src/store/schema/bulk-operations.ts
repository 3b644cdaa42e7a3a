// One operation on each of many eUICCs.
import type { HttpMethod } from './outbox.ts';

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

export interface BulkOperationTables {
  bulk_operations: BulkOperationRow;
  bulk_parts: BulkPartRow;
}
