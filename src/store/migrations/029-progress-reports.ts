import type { Flavor } from '../flavor.ts';

/** The outbox of reports about the profiles of operators over ES2+, and the log of their delivery. */
export function progressReports({ text, clustered, statistics }: Flavor): string[] {
  return [
    `create table progress_reports (
      account_sid ${text} not null,
      sid ${text} not null,
      operator_sid ${text} not null,
      iccid ${text} not null,
      order_number integer not null,
      notification_point_id integer not null,
      status ${text} not null,
      request ${text} not null,
      state ${text} not null check (state in ('pending', 'delivered', 'failed', 'kept')),
      attempts integer not null,
      next_attempt_at ${text} not null,
      locked_until ${text},
      date_created ${text} not null,
      date_settled ${text},
      primary key (account_sid, sid)
    ) ${clustered}`,
    `create index progress_reports_due on progress_reports (account_sid, next_attempt_at)
      where state = 'pending'`,
    `create index progress_reports_due_by_operator
      on progress_reports (account_sid, operator_sid, next_attempt_at) where state = 'pending'`,
    `create index progress_reports_settled on progress_reports (date_settled)
      where state <> 'pending'`,
    `create index progress_reports_by_iccid on progress_reports (account_sid, iccid, sid)`,
    `create index progress_reports_by_operator on progress_reports (account_sid, operator_sid, sid)`,
    `create index progress_reports_by_state on progress_reports (account_sid, state, sid)`,
    `create table progress_attempts (
      account_sid ${text} not null,
      progress_report_sid ${text} not null,
      attempt integer not null,
      date_started ${text} not null,
      duration_ms integer not null,
      status_code integer,
      error ${text},
      response ${text},
      primary key (account_sid, progress_report_sid, attempt)
    ) ${clustered}`,
    ...statistics({
      progress_reports: {
        progress_reports: [1_000_000, 100_000, 1],
        progress_reports_due: [100_000, 1_000, 1],
        progress_reports_due_by_operator: [100_000, 1_000, 100, 1],
        progress_reports_settled: [1_000_000, 1],
        progress_reports_by_iccid: [1_000_000, 100_000, 4, 1],
        progress_reports_by_operator: [1_000_000, 100_000, 100_000, 1],
        progress_reports_by_state: [1_000_000, 100_000, 20_000, 1],
      },
      progress_attempts: { progress_attempts: [1_000_000, 100_000, 1, 1] },
    }),
  ];
}
