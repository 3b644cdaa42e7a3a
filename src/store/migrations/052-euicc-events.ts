import type { Flavor } from '../flavor.ts';

/** What happens to the eUICCs of the eIM, and to operations on them, is told: in a feed, and by callbacks. See decision 71. */
export function euiccEvents({ text, clustered }: Flavor): string[] {
  return [
    `create table euicc_events (
      account_sid ${text} not null,
      sid ${text} not null,
      euicc_sid ${text} not null,
      eid ${text} not null,
      operation_sid ${text},
      status ${text} not null,
      previous_status ${text},
      changed ${text},
      kind ${text},
      error_code ${text},
      date_created ${text} not null,
      primary key (account_sid, sid)
    ) ${clustered}`,
    `create index euicc_events_by_euicc on euicc_events (account_sid, euicc_sid, sid)`,
    `create index euicc_events_by_age on euicc_events (date_created)`,
    `alter table accounts add column euicc_callbacks integer not null default 0`,
    `alter table euiccs add column callback_url ${text}`,
    `alter table euiccs add column callback_method ${text} not null default 'POST'`,
    `alter table euiccs add column callback_off integer not null default 0`,
    `alter table euiccs add column reported ${text}`,
    `alter table eim_operations add column callback_url ${text}`,
    `alter table eim_operations add column callback_method ${text} not null default 'POST'`,
    `alter table eim_operations add column callback_off integer not null default 0`,
    `alter table eim_operations add column history ${text}`,
    `alter table eim_operations add column failures integer not null default 0`,
    `alter table eim_operations add column date_failed ${text}`,
    `alter table eim_operations add column date_due ${text}`,
  ];
}
