// Reports of progress as shown to people and to scripts.
import { formatStatusCode } from '../rsp/status-codes.ts';
import { nameOfPoint } from '../smdp/operators/progress-report.ts';
import type { ProgressInfo } from '../smdp/operators/progress-report.ts';
import type { ProgressReportRow } from '../store/schema.ts';

/** What is reported, in one line. */
export function stepOf({ notification_point_id: id, status, request }: ProgressReportRow): string {
  const { statusCodeData: code } = (JSON.parse(request) as ProgressInfo).notificationPointStatus;
  const how =
    code === undefined
      ? status
      : `${status} ${formatStatusCode(code)}${code.message === undefined ? '' : `: ${code.message}`}`;
  return `${id} ${nameOfPoint(id) ?? ''} ${how}`;
}

export function progressReportRecord(row: ProgressReportRow) {
  const { locked_until: _lockedUntil, request, ...shown } = row;
  return {
    ...shown,
    next_attempt_at: row.state === 'pending' ? row.next_attempt_at : null,
    request: JSON.parse(request) as unknown,
  };
}
