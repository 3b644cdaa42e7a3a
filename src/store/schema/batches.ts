// Orders placed together.
import type { HttpMethod } from './outbox.ts';

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

export interface BatchTables {
  batches: BatchRow;
  batch_parts: BatchPartRow;
}
