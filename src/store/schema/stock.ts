// Subscriptions, and the profile packages that are made of them.
import type { HttpMethod } from './outbox.ts';

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
   * CancelOrder outlives the order, until the next one begins; by what calls the last ones were begun and ended, also longer. Null: nothing.
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

export interface StockTables {
  stock_thresholds: StockThresholdRow;
  profile_templates: ProfileTemplateRow;
  profile_packages: ProfilePackageRow;
  subscriptions: SubscriptionRow;
}
