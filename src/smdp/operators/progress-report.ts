// §5.3.5: reports to operators over ES2+. They are added to their outbox in the transaction of what they report.
import { auditRetry } from '../../audit/entry.ts';
import type { Context } from '../../context.ts';
import type { Es2PlusCall } from '../../es2plus/functions.ts';
import { notificationPoints } from '../../es2plus/notification-points.ts';
import type { Bounds } from '../../store/pages.ts';
import type { OperatorRow, ProgressReportRow, SubscriptionRow } from '../../store/schema.ts';
import type { Unit } from '../../unit.ts';

/** In the order of a report's life. */
export const PROGRESS_STATES = [
  'pending',
  'delivered',
  'failed',
  'kept',
] as const satisfies ProgressReportRow['state'][];

/** Delivered reports can be sent again only by SID. */
export const RETRIABLE_PROGRESS_STATES = [
  'pending',
  'failed',
  'kept',
] as const satisfies ProgressReportRow['state'][];

/** Small enough not to block other work for long. */
export const REPORTS_RETRIED_AT_ONCE = 1000;

/** Sorts before every report. */
const FIRST_SID = `PR${'0'.repeat(32)}`;

const POINTS = new Map<number, string>(
  Object.entries(notificationPoints).map(([name, id]) => [id, name]),
);

/** The name of a notification point; undefined if an older or newer version has it. */
export const nameOfPoint = (id: number): string | undefined => POINTS.get(id);

/** What is reported. The header names only the call, which is the same in every attempt. */
export type ProgressInfo = Es2PlusCall<'handleDownloadProgressInfo'>;

/** Where the reports to an operator go; undefined: nowhere. */
export function progressAddressOf(operator: OperatorRow | undefined): string | undefined {
  return operator?.date_revoked === null ? (operator.progress_url ?? undefined) : undefined;
}

/** Those about one profile leave in the order in which they were added: nobody waits for an operator that had it before. */
export async function enqueueProgressReport(
  { account_sid, iccid, order_number }: SubscriptionRow,
  operatorSid: string,
  info: ProgressInfo,
  { tables, now, sids, wake }: Unit,
): Promise<void> {
  const address = progressAddressOf(await tables.operators.find(operatorSid));
  const date = now.toISOString();
  const waits = await tables.progressReports.lastDue(account_sid, iccid, operatorSid);
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
export async function retryProgressReports(
  accountSid: string,
  sids: readonly string[],
  unit: Unit,
): Promise<number> {
  const { tables, now, wake } = unit;
  wake('progress');
  const retried = await tables.progressReports.retry(accountSid, now.toISOString(), sids);
  if (retried > 0) await auditRetry(accountSid, sids[0]!, retried, unit);
  return retried;
}

/**
 * Makes the oldest `REPORTS_RETRIED_AT_ONCE` reports that match due at once; not one that was delivered meanwhile.
 * @param after only reports after this SID
 * @returns how many, and the SID of the last if there are more
 */
export async function retryManyReports(
  filter: {
    account_sid: string;
    state: readonly (typeof RETRIABLE_PROGRESS_STATES)[number][];
    operator_sid?: string | undefined;
    iccid?: string | undefined;
  },
  after: string | undefined,
  bounds: Bounds,
  { store, transact }: Pick<Context, 'store' | 'transact'>,
): Promise<{ count: number; last: string | undefined }> {
  const { rows, more } = await store.progressReportPages(
    filter,
    { kind: 'newer', than: after ?? FIRST_SID },
    REPORTS_RETRIED_AT_ONCE,
    bounds,
  );
  const sids = rows.map(({ sid }) => sid);
  const count = await transact(async (unit) => {
    const { tables, now, wake } = unit;
    wake('progress');
    const { account_sid: accountSid, state } = filter;
    const retried = await tables.progressReports.retry(accountSid, now.toISOString(), sids, state);
    if (retried > 0) await auditRetry(accountSid, 'progress reports', retried, unit);
    return retried;
  });
  return { count, last: more ? sids[0] : undefined };
}
