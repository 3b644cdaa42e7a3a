import type { Flavor } from '../flavor.ts';

/** IPAs that listen, and the eUICCs for which something is to be sent to theirs (SGP.32 §3.1.1.2). See decision 78. */
export function injection({ text, clustered }: Flavor): string[] {
  return [
    `alter table euiccs add column ipa_url ${text}`,
    `alter table euiccs add column ipa_binding ${text} not null default 'asn1'`,
    `alter table euiccs add column ipa_ca ${text}`,
    `create table eim_injections (
      eid ${text} not null primary key,
      account_sid ${text} not null,
      wanted integer not null,
      attempts integer not null,
      acknowledgements ${text},
      due_at ${text} not null,
      locked_until ${text},
      date_created ${text} not null
    ) ${clustered}`,
    `create index eim_injections_by_account on eim_injections (account_sid, due_at)`,
  ];
}
