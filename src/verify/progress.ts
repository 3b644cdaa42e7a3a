import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import { notificationPoints as points } from '../es2plus/notification-points.ts';
import type { ProgressInfo } from '../smdp/operators/progress-report.ts';
import type { ProgressReportRow, SubscriptionRow, Tables } from '../store/schema.ts';
import { KEPT_MS } from './callbacks.ts';
import { oneByOne, violation } from './invariant.ts';
import type { Invariant, Violation } from './invariant.ts';
import type { Related } from './related.ts';
import { findRelated, valuesOf } from './related.ts';
import { walk } from './slices.ts';

const ORDER_COLUMNS = [
  'state',
  'operator_sid',
  'order_number',
  'date_released',
  'ended_reason',
  'download_attempts',
  'confirmation_code_attempts',
] as const satisfies (keyof SubscriptionRow)[];
type Order = Pick<SubscriptionRow, 'account_sid' | 'iccid' | (typeof ORDER_COLUMNS)[number]>;

const REPORT_COLUMNS = [
  'sid',
  'operator_sid',
  'iccid',
  'order_number',
  'notification_point_id',
  'status',
  'request',
  'attempts',
  'date_created',
] as const satisfies (keyof ProgressReportRow)[];
type Report = Pick<ProgressReportRow, 'account_sid' | (typeof REPORT_COLUMNS)[number]>;

export const progress: Invariant = {
  name: 'progress',
  promise:
    'Every step of an order over ES2+ has its report to the operator, which says what happened; those about one profile left in order.',
  tables: ['subscriptions', 'progress_reports'],
  check: (evidence) =>
    oneByOne(
      walk(evidence, 'subscriptions', (rows, db) => judgeOrders(rows, db, evidence.now), {
        columns: ORDER_COLUMNS,
        where: sql<boolean>`operator_sid is not null`,
      }),
      walk(evidence, 'progress_reports', judgeReports, { columns: REPORT_COLUMNS }),
    ),
};

/** Those of orders whose reports are all kept still. */
async function judgeOrders(rows: Order[], db: Kysely<Tables>, now: Date): Promise<Violation[]> {
  const keptSince = new Date(now.getTime() - KEPT_MS).toISOString();
  const recent = rows.filter(({ date_released: date }) => date !== null && date >= keptSince);
  const asked = valuesOf(recent, ({ iccid }) => iccid);
  const reports = await findRelated(db, 'progress_reports', 'iccid', asked, [
    'order_number',
    'operator_sid',
    'notification_point_id',
    'status',
  ]);
  return recent.flatMap((row) => {
    const told = reports
      .all(row, row.iccid)
      .filter((report) => report.order_number === row.order_number);
    return [...missingIn(told, row)].map((problem) => violation(row, row.iccid, problem));
  });
}

function* missingIn(
  told: readonly Pick<Report, 'operator_sid' | 'notification_point_id' | 'status'>[],
  row: Order,
): Iterable<string> {
  const count = (statuses: readonly string[], ...ids: number[]) =>
    told.filter(
      ({ notification_point_id: id, status }) => ids.includes(id) && statuses.includes(status),
    ).length;
  const other = told.find(({ operator_sid: operator }) => operator !== row.operator_sid);
  if (other !== undefined)
    yield `it is the order of ${row.operator_sid}, but ${other.operator_sid} was told`;
  const begun = count(SUCCESS, points.eligibilityAndRetryLimitCheck);
  if (begun !== row.download_attempts) {
    yield `it was begun ${row.download_attempts} times, but ${begun} reports tell it`;
  }
  const codes = count(FAILURE, points.confirmationFailure);
  if (codes !== row.confirmation_code_attempts) {
    yield `its code was wrong ${row.confirmation_code_attempts} times, but ${codes} reports tell it`;
  }
  const isDownloaded = row.state === 'Downloaded' || row.state === 'Installed';
  if (isDownloaded && count(SUCCESS, points.bppDownload) === 0) {
    yield `it is ${row.state}, but no report tells that it was downloaded`;
  }
  const isInstalled = count(SUCCESS, points.bppInstallation, points.enabled) > 0;
  if (row.state === 'Installed' && !isInstalled) {
    yield 'it is Installed, but no report tells it';
  }
  const ends = told.filter(({ status }) => status === 'Failed').length;
  if (ends !== (row.ended_reason === null ? 0 : 1)) {
    yield `${ends} reports tell that it has ended; ended_reason is ${row.ended_reason ?? 'not set'}`;
  }
}

const SUCCESS = ['Executed-Success'];
const FAILURE = ['Executed-WithWarning', 'Failed'];

async function judgeReports(rows: Report[], db: Kysely<Tables>): Promise<Violation[]> {
  const iccids = valuesOf(rows, ({ iccid }) => iccid);
  const sids = valuesOf(rows, (row) => row.operator_sid);
  const known = {
    profiles: await findRelated(db, 'subscriptions', 'iccid', iccids, ['iccid']),
    operators: await findRelated(db, 'operators', 'sid', sids, ['date_updated']),
    untried: await findRelated(
      db,
      'progress_reports',
      'iccid',
      iccids,
      ['sid', 'date_created'],
      sql`state = 'pending' and attempts = 0`,
    ),
  };
  return rows.flatMap((row) =>
    [...problemsOf(row, known)].map((problem) => violation(row, row.sid, problem)),
  );
}

function* problemsOf(
  row: Report,
  known: {
    profiles: Related<object>;
    operators: Related<{ date_updated: string }>;
    untried: Related<{ sid: string; date_created: string }>;
  },
): Iterable<string> {
  const operator = known.operators.one(row, row.operator_sid);
  if (operator === undefined) yield `it is for ${row.operator_sid}, which does not exist`;
  if (known.profiles.one(row, row.iccid) === undefined) {
    yield `it tells of ${row.iccid}, which does not exist`;
  }
  const request = parse(row.request);
  const told = [
    request?.iccid,
    request?.notificationPointId,
    request?.notificationPointStatus?.status,
  ];
  if (JSON.stringify(told) !== JSON.stringify([row.iccid, row.notification_point_id, row.status])) {
    yield 'its request tells something else';
  }
  if (row.attempts === 0 || operator === undefined) return;
  // What was kept as long as the operator had no address may be sent by hand once it has one.
  const overtaken = known.untried
    .all(row, row.iccid)
    .find(
      ({ sid, date_created: date }) =>
        sid < row.sid && Date.parse(operator.date_updated) < Date.parse(date),
    );
  if (overtaken !== undefined) yield `it was sent before ${overtaken.sid}, which is older`;
}

function parse(request: string): Partial<ProgressInfo> | undefined {
  try {
    return JSON.parse(request) as ProgressInfo;
  } catch {
    return undefined;
  }
}
