import type { Context } from '../context.ts';
import { renderAttempt, toApiDate } from '../operator/resource.ts';
import { formatStatusCode } from '../rsp/status-codes.ts';
import { nameOfPoint } from '../smdp/operators/progress-report.ts';
import type { ProgressInfo } from '../smdp/operators/progress-report.ts';
import type { ProgressAttemptRow, ProgressReportRow } from '../store/schema.ts';

/** Renders reports of an account as JSON, each with its attempts. */
export async function progressReportRecords(
  accountSid: string,
  rows: readonly ProgressReportRow[],
  { store, publicUrl }: Pick<Context, 'store' | 'publicUrl'>,
): Promise<string[]> {
  const sids = rows.map(({ sid }) => sid);
  const attempts = Map.groupBy(
    await store.progressReports.attempts(accountSid, ...sids),
    ({ progress_report_sid: sid }) => sid,
  );
  return rows.map((row) => renderProgressReport(row, attempts.get(row.sid) ?? [], publicUrl));
}

export function renderProgressReport(
  row: ProgressReportRow,
  attempts: readonly ProgressAttemptRow[],
  publicUrl: string,
): string {
  const info = JSON.parse(row.request) as ProgressInfo;
  const { statusCodeData: code } = info.notificationPointStatus;
  return JSON.stringify({
    sid: row.sid,
    account_sid: row.account_sid,
    operator_sid: row.operator_sid,
    iccid: row.iccid,
    eid: info.eid ?? null,
    profile_type: info.profileType,
    notification_point_id: row.notification_point_id,
    notification_point: nameOfPoint(row.notification_point_id) ?? null,
    status: row.status,
    status_code: code === undefined ? null : formatStatusCode(code),
    message: code?.message ?? null,
    timestamp: info.timestamp,
    function_call_identifier: info.header.functionCallIdentifier,
    result_data: info.resultData ?? null,
    state: row.state,
    attempts: attempts.map(renderAttempt),
    next_attempt_at: row.state === 'pending' ? toApiDate(row.next_attempt_at) : null,
    date_created: toApiDate(row.date_created),
    date_settled: row.date_settled === null ? null : toApiDate(row.date_settled),
    url: `${publicUrl}/v1/ProgressReports/${row.sid}`,
  });
}
