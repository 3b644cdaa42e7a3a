import type { Flavor } from '../flavor.ts';

/** The eIM (SGP.32): its keys, eUICCs, operations on them, and what was sent for each. See decision 67. */
export function eim({ text, bytes, clustered }: Flavor): string[] {
  return [
    `create table eim_keys (
      role ${text} not null check (role in ('package', 'tls')),
      number integer not null,
      certificate ${text} not null,
      private_key ${text} not null,
      date_created ${text} not null,
      primary key (role, number)
    ) ${clustered}`,
    `create table euiccs (
      eid ${text} not null primary key,
      account_sid ${text} not null,
      sid ${text} not null,
      friendly_name ${text},
      state ${text} not null,
      eim_key integer not null,
      association_token bigint,
      counter integer not null,
      seq_number bigint,
      package_number integer not null,
      result_signature ${text} not null,
      unsigned_results integer not null,
      euicc_certificate ${text},
      eum_certificate ${text},
      capabilities ${text},
      profiles ${text},
      date_profiles ${text},
      date_seen ${text},
      date_created ${text} not null,
      date_updated ${text} not null
    ) ${clustered}`,
    `create index euiccs_by_account on euiccs (account_sid, sid)`,
    `create table eim_operations (
      eid ${text} not null,
      sid ${text} not null,
      account_sid ${text} not null,
      euicc_sid ${text} not null,
      kind ${text} not null,
      parameters ${text} not null,
      status ${text} not null,
      esim_profile_sid ${text},
      result ${text},
      error_code ${text},
      error_message ${text},
      date_created ${text} not null,
      date_updated ${text} not null,
      date_sent ${text},
      date_ended ${text},
      primary key (eid, sid)
    ) ${clustered}`,
    `create index eim_operations_by_account on eim_operations (account_sid, sid)`,
    `create index eim_operations_under_way on eim_operations (eid, sid) where date_ended is null`,
    `create index eim_operations_by_age on eim_operations (date_ended) where date_ended is not null`,
    `create table eim_packages (
      eid ${text} not null,
      number integer not null,
      account_sid ${text} not null,
      operation_sid ${text} not null,
      transaction_id ${text} not null,
      counter bigint,
      request ${bytes} not null,
      response ${bytes},
      rsp_transaction_id ${text},
      state ${text} not null,
      sent integer not null,
      date_created ${text} not null,
      date_sent ${text} not null,
      date_ended ${text},
      primary key (eid, number)
    ) ${clustered}`,
    `create index eim_packages_by_transaction on eim_packages (transaction_id)`,
    `create index eim_packages_by_rsp_transaction on eim_packages (rsp_transaction_id)
      where rsp_transaction_id is not null`,
    `create table eim_marks (
      account_sid ${text} not null primary key,
      followed_to ${text} not null
    ) ${clustered}`,
  ];
}
