import type { Flavor } from '../flavor.ts';
import { RECONNECT } from './017-lean-downloads.ts';

/** What is under way at a rented SM-DP+, what it has reported, and orders of one ICCID. */
export function rentedSmdp({ name, text, clustered }: Flavor): string[] {
  return [
    `create table es2plus_tasks (
      account_sid ${text} not null,
      subject ${text} not null,
      kind ${text} not null,
      task ${text} not null,
      due_at ${text} not null,
      attempts integer not null,
      problem ${text},
      date_created ${text} not null,
      primary key (account_sid, subject)
    ) ${clustered}`,
    `create index es2plus_tasks_due on es2plus_tasks (due_at)`,

    `create table es2plus_calls (
      account_sid ${text} not null,
      subject ${text} not null,
      function ${text} not null,
      occurrence integer not null,
      call_identifier ${text} not null,
      request ${text} not null,
      state ${text} not null check (state in ('unsent', 'asked', 'answered', 'refused')),
      answer ${text},
      primary key (account_sid, subject, function, occurrence)
    ) ${clustered}`,

    `create table es2plus_reports (
      account_sid ${text} not null,
      digest ${text} not null,
      date_created ${text} not null,
      primary key (account_sid, digest)
    ) ${clustered}`,
    `create index es2plus_reports_by_date on es2plus_reports (date_created)`,

    `alter table esim_profiles add column wanted_iccid ${text}`,
    ...(name === 'postgres' ? [RECONNECT] : []),
  ];
}
