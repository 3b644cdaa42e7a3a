// eUICCs of the eIM, and how it gets to know them.
import type { EimOperationRow } from './eim-operations.ts';
import type { HttpMethod } from './outbox.ts';

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
  /** Since when the orders from before it was registered wait to be pushed; null: they were looked at. */
  orders_due: string | null;
  /** The highest seqNumber of the result of an installation that was taken. */
  installation_seq_number: number | null;
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

export interface EuiccTables {
  eim_injections: EimInjectionRow;
  eim_keys: EimKeyRow;
  euiccs: EuiccRow;
  euicc_events: EuiccEventRow;
  euicc_groups: EuiccGroupRow;
  euicc_ranges: EuiccRangeRow;
  euicc_contacts: EuiccContactRow;
}
