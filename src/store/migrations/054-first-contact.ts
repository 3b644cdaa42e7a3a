import type { Flavor } from '../flavor.ts';

/** Which unknown eUICCs register by themselves, and those that are about to. See decision 75. */
export function firstContact({ text, bytes, clustered }: Flavor): string[] {
  return [
    `create table euicc_ranges (
      eid_prefix ${text} not null primary key,
      account_sid ${text} not null,
      sid ${text} not null,
      most integer not null,
      registered integer not null,
      result_signature ${text} not null,
      date_created ${text} not null,
      date_updated ${text} not null
    ) ${clustered}`,
    `create index euicc_ranges_by_account on euicc_ranges (account_sid, sid)`,
    `create table euicc_contacts (
      eid ${text} not null primary key,
      eid_prefix ${text} not null,
      account_sid ${text} not null,
      eim_key integer not null,
      attempts integer not null,
      transaction_id ${text} not null,
      request ${bytes} not null,
      association_token bigint,
      euicc_certificate ${text} not null,
      eum_certificate ${text} not null,
      capabilities ${text} not null,
      date_created ${text} not null,
      date_expires ${text} not null
    ) ${clustered}`,
    `create index euicc_contacts_by_account on euicc_contacts (account_sid, eid)`,
    `create index euicc_contacts_by_range on euicc_contacts (eid_prefix, date_expires)`,
    `create index euicc_contacts_by_transaction on euicc_contacts (transaction_id)`,
    `create index euicc_contacts_by_age on euicc_contacts (date_expires)`,
  ];
}
