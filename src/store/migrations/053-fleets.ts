import type { Flavor } from '../flavor.ts';

/** Groups of eUICCs, and bulk operations on them. See decision 72. */
export function fleets({ text, clustered }: Flavor): string[] {
  return [
    `create table euicc_groups (
      account_sid ${text} not null,
      sid ${text} not null,
      name ${text} not null,
      date_created ${text} not null,
      date_updated ${text} not null,
      primary key (account_sid, sid)
    ) ${clustered}`,
    `create unique index euicc_groups_by_name on euicc_groups (account_sid, name)`,
    `alter table euiccs add column group_sid ${text}`,
    `alter table euiccs add column metadata ${text}`,
    `create index euiccs_by_group on euiccs (account_sid, group_sid, sid) where group_sid is not null`,
    `create index euiccs_by_group_and_state on euiccs (account_sid, group_sid, state)
      where group_sid is not null`,
    `create table bulk_operations (
      account_sid ${text} not null,
      sid ${text} not null,
      status ${text} not null,
      step ${text},
      kind ${text} not null,
      parameters ${text} not null,
      order_of ${text},
      target ${text} not null,
      item_count integer not null,
      part_size integer not null,
      next_item integer not null,
      refused integer not null,
      rate integer,
      maximum_failures ${text},
      failures_before integer not null,
      canary integer,
      canary_approval integer not null,
      is_canary integer not null,
      placed_by ${text} not null,
      request_id ${text},
      callback_url ${text},
      callback_method ${text} not null,
      error_code ${text},
      error_message ${text},
      rate_from ${text} not null,
      date_due ${text} not null,
      date_changed ${text} not null,
      date_expires ${text} not null,
      date_created ${text} not null,
      date_updated ${text} not null,
      date_ended ${text},
      primary key (account_sid, sid)
    ) ${clustered}`,
    `create index bulk_operations_by_turn on bulk_operations (date_due) where step is not null`,
    `create index bulk_operations_running on bulk_operations (account_sid, sid) where step is not null`,
    `create index bulk_operations_by_status on bulk_operations (account_sid, status, sid)`,
    `create index bulk_operations_by_age on bulk_operations (date_ended) where date_ended is not null`,
    `create table bulk_parts (
      account_sid ${text} not null,
      bulk_sid ${text} not null,
      number integer not null,
      first_item integer not null,
      size integer not null,
      items ${text} not null,
      errors ${text},
      operations ${text},
      primary key (account_sid, bulk_sid, number)
    ) ${clustered}`,
    `alter table eim_operations add column bulk_sid ${text}`,
    `create index eim_operations_by_bulk on eim_operations (account_sid, bulk_sid, kind, status, sid)
      where bulk_sid is not null`,
  ];
}
