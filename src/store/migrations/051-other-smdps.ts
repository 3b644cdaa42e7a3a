import type { Flavor } from '../flavor.ts';

/** Downloads of the eIM from SM-DP+s of others: their confirmation codes, addresses and notifications. See decision 70. */
export function otherSmdps({ text, bytes, clustered }: Flavor): string[] {
  return [
    `alter table eim_operations add column confirmation_code ${text}`,
    `alter table eim_packages add column smdp_address ${text}`,
    `create index eim_packages_by_smdp_address on eim_packages (smdp_address)
      where smdp_address is not null and state = 'open'`,
    `create table eim_notifications (
      eid ${text} not null,
      seq_number bigint not null,
      account_sid ${text} not null,
      smdp_address ${text} not null,
      notification ${bytes} not null,
      attempts integer not null,
      due_at ${text} not null,
      date_created ${text} not null,
      primary key (eid, seq_number)
    ) ${clustered}`,
    `create index eim_notifications_by_due_at on eim_notifications (due_at)`,
  ];
}
