// §5.3.5: reports to operators over ES2+. They are added to their outbox in the transaction of what they report.
import type { Es2PlusCall } from '../../es2plus/functions.ts';
import type { OperatorRow, ProgressReportRow, SubscriptionRow } from '../../store/schema.ts';
import type { Unit } from '../../unit.ts';

/** In the order of a report's life. */
export const PROGRESS_STATES = [
  'pending',
  'delivered',
  'failed',
  'kept',
] as const satisfies ProgressReportRow['state'][];

/** What is reported. The header names only the call, which is the same in every attempt. */
export type ProgressInfo = Es2PlusCall<'handleDownloadProgressInfo'>;

/** Where the reports to an operator go; undefined: nowhere. */
export function progressAddressOf(operator: OperatorRow | undefined): string | undefined {
  return operator?.date_revoked === null ? (operator.progress_url ?? undefined) : undefined;
}

/** Those about one profile leave in the order in which they were added. */
export async function enqueueProgressReport(
  { account_sid, iccid, order_number }: SubscriptionRow,
  operatorSid: string,
  info: ProgressInfo,
  { tables, now, sids, wake }: Unit,
): Promise<void> {
  const address = progressAddressOf(await tables.operators.find(operatorSid));
  const date = now.toISOString();
  const waits = await tables.progressReports.lastDue(account_sid, iccid);
  wake('progress');
  await tables.progressReports.insert({
    account_sid,
    sid: sids.next('progressReport', tables.now()),
    operator_sid: operatorSid,
    iccid,
    order_number,
    notification_point_id: info.notificationPointId,
    status: info.notificationPointStatus.status,
    request: JSON.stringify(info),
    attempts: 0,
    // Behind one that is to be retried, it does not look due.
    next_attempt_at: waits === undefined || waits < date ? date : waits,
    locked_until: null,
    date_created: date,
    ...(address === undefined
      ? { state: 'kept', date_settled: date }
      : { state: 'pending', date_settled: null }),
  });
}

/** Whether an order's operator has been told the same before, whenever that was. */
export async function isReported(
  { account_sid, iccid, order_number }: SubscriptionRow,
  info: ProgressInfo,
  { progressReports }: Pick<Unit['tables'], 'progressReports'>,
): Promise<boolean> {
  const known = await progressReports.list(account_sid, { subject: iccid, limit: SAME_WITHIN });
  const what = essenceOf(info);
  return known.some(
    (row) =>
      row.order_number === order_number &&
      row.notification_point_id === info.notificationPointId &&
      essenceOf(JSON.parse(row.request) as ProgressInfo) === what,
  );
}

const SAME_WITHIN = 50;

const essenceOf = ({ eid, notificationPointId, notificationPointStatus }: ProgressInfo) =>
  JSON.stringify([eid, notificationPointId, notificationPointStatus]);

/**
 * Makes reports due at once, even those given up, kept or delivered, but not those being sent; and whatever waits about the
 * same profiles, which goes first if it is older.
 * @returns how many
 */
export function retryProgressReports(
  accountSid: string,
  sids: readonly string[],
  { tables, now, wake }: Unit,
): Promise<number> {
  wake('progress');
  return tables.progressReports.retry(accountSid, now.toISOString(), sids);
}
