// One attempt at a report to an operator (§5.3.5): send it and record the outcome. Delivery is at least once.
import type { Context } from '../context.ts';
import { functions } from '../es2plus/functions.ts';
import { PeerUnavailable } from '../outgoing/peer-unavailable.ts';
import { pauseWithin } from '../outgoing/schedule.ts';
import { FunctionExecutionError } from '../rsp/function-execution-error.ts';
import { formatStatusCode } from '../rsp/status-codes.ts';
import { progressAddressOf } from '../smdp/operators/progress-report.ts';
import type { ProgressInfo } from '../smdp/operators/progress-report.ts';
import type { OperatorRow, ProgressAttemptRow, ProgressReportRow } from '../store/schema.ts';
import type { OperatorPeers } from './peers.ts';

export type AttemptContext = Pick<
  Context,
  'config' | 'store' | 'metrics' | 'now' | 'log' | 'transact'
>;

const HOUR_MS = 60 * 60 * 1_000;

/** Sends a claimed report and records the outcome. */
export async function attempt(
  report: ProgressReportRow,
  peers: OperatorPeers,
  { config, store, metrics, now, log, transact }: AttemptContext,
): Promise<void> {
  const operator = await store.operators.find(report.operator_sid);
  const started = now();
  // If this node was suspended since it claimed the report, another may have it by now.
  if (report.locked_until! <= started.toISOString()) return;
  const address = progressAddressOf(operator);
  const outcome: Outcome =
    operator === undefined || address === undefined
      ? { error: 'the operator is revoked, or has no address for reports', isKept: true }
      : await send(report, operator, address, peers, config.smdpAddress);
  const ended = now();
  const attempts = report.attempts + 1;
  const logged: ProgressAttemptRow = {
    account_sid: report.account_sid,
    progress_report_sid: report.sid,
    attempt: attempts,
    date_started: started.toISOString(),
    duration_ms: ended.getTime() - started.getTime(),
    status_code: outcome.statusCode ?? null,
    error: outcome.error ?? null,
    response: outcome.response ?? null,
  };
  const givenUpAt = Date.parse(report.date_created) + config.progressRetryHours * HOUR_MS;
  const next: ProgressReportRow = {
    ...report,
    attempts,
    ...settled(outcome, attempts, ended, givenUpAt),
  };
  await transact(({ tables }) => tables.progressReports.settle(report, logged, next));
  metrics.progressAttempt(next.state === 'pending' ? 'retried' : next.state, logged.duration_ms);
  logOutcome(next, outcome, log);
}

interface Outcome {
  /** Undefined: delivered. */
  error?: string;
  statusCode?: number | undefined;
  /** For the log of who runs this server. */
  detail?: string | undefined;
  response?: string | undefined;
  /** Whether the same report would be refused again. */
  isFinal?: boolean;
  /** Whether there is nobody to send it to. */
  isKept?: boolean;
}

/** Whatever the operator's server does becomes an outcome. */
async function send(
  { request }: ProgressReportRow,
  operator: OperatorRow,
  address: string,
  peers: OperatorPeers,
  functionRequesterIdentifier: string,
): Promise<Outcome> {
  try {
    const info = JSON.parse(request) as ProgressInfo;
    const header = { functionRequesterIdentifier, ...info.header };
    const { path } = functions.handleDownloadProgressInfo;
    return { statusCode: await peers.of(operator, address).notify(path, { ...info, header }) };
  } catch (error) {
    if (error instanceof FunctionExecutionError) {
      return {
        error: `refused with ${formatStatusCode(error)}: ${error.message}`,
        // §5.2.6.2: invalid, or something is missing. Any other reason may pass, even that the order is unknown.
        isFinal: error.reasonCode.startsWith('2.'),
      };
    }
    if (error instanceof PeerUnavailable) {
      const { message, detail, statusCode, response } = error;
      return { error: message, detail, statusCode, response };
    }
    return { error: 'the attempt failed', detail: String(error) };
  }
}

function settled(
  { error, isFinal = false, isKept = false }: Outcome,
  attempts: number,
  now: Date,
  givenUpAt: number,
): Pick<ProgressReportRow, 'state' | 'next_attempt_at' | 'date_settled'> {
  const pause =
    error === undefined || isFinal || isKept
      ? undefined
      : pauseWithin(givenUpAt - now.getTime(), attempts);
  const date = now.toISOString();
  if (pause !== undefined) {
    const next = new Date(now.getTime() + pause).toISOString();
    return { state: 'pending', next_attempt_at: next, date_settled: null };
  }
  const state = error === undefined ? 'delivered' : isKept ? 'kept' : 'failed';
  return { state, next_attempt_at: date, date_settled: date };
}

function logOutcome(report: ProgressReportRow, outcome: Outcome, log: Context['log']): void {
  const fields = {
    report: report.sid,
    operator: report.operator_sid,
    iccid: report.iccid,
    point: report.notification_point_id,
    attempt: report.attempts,
    status: outcome.statusCode,
  };
  if (outcome.error === undefined) return log.info(fields, 'progress reported');
  const next = report.state === 'pending' ? report.next_attempt_at : undefined;
  log.warn(
    { ...fields, error: outcome.error, detail: outcome.detail, next },
    report.state === 'pending'
      ? 'progress not reported; it will be retried'
      : report.state === 'kept'
        ? 'progress is not reported'
        : 'report of progress given up',
  );
}
