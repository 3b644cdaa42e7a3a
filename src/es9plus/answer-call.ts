// A call of ES9+ from its body to its response: runs the function, logs the call, renders the outcome.
import type { Context } from '../context.ts';
import { formatStatusCode } from '../rsp/status-codes.ts';
import type { Call, LogEntry, Outcome } from '../smdp/download/call.ts';
import { entryOf, logRows, toLogRow } from '../smdp/download/call.ts';
import type { Favour, Place } from '../process/admission.ts';
import { markLogged } from '../smdp/download/first-entries.ts';
import { Conflict } from '../store/errors.ts';
import { apiDate } from '../values/date.ts';
import { traceIdOf } from '../values/request-id.ts';
import { randomSid } from '../values/sid.ts';
import { inTime } from '../https/answer-limit.ts';
import type { Answer } from '../https/https-listener.ts';
import type { CallRequest } from './envelope.ts';
import { NO_CONTENT, openCall } from './envelope.ts';
import type { Failure } from './failure.ts';
import { failureOf } from './failure.ts';
import type { FunctionName } from './functions.ts';
import { isTooMuch } from './log-limit.ts';

/**
 * Attempts for a call that conflicts with others on the same row. Each conflict means progress, a step or a counted
 * code, so a result is reached before these are used up.
 */
const ATTEMPTS = 12;

/** A download that has begun comes before a new one: what was spent on it would be lost, and its user is waiting. */
const FAVOURS: Readonly<Record<FunctionName, Favour>> = {
  initiateAuthentication: 'begins',
  authenticateClient: 'goes on',
  getBoundProfilePackage: 'goes on',
  handleNotification: 'goes on',
  cancelSession: 'goes on',
};

/** @param limitMs after this time, a call that waits for the store is answered as busy */
export async function answerCall(
  request: CallRequest,
  context: Context,
  limitMs: number,
): Promise<Answer> {
  const { name, binding } = request;
  let place: Place;
  try {
    place = context.admission.enter(FAVOURS[name]);
  } catch (error) {
    return binding.refused(failureOf(error, name, context), name);
  }
  try {
    return await answerAdmitted(request, context, limitMs, place);
  } finally {
    place.leave();
  }
}

async function answerAdmitted(
  request: CallRequest,
  context: Context,
  limitMs: number,
  place: Place,
): Promise<Answer> {
  const { name, binding } = request;
  let call = newCall(request, context);
  let outcome: Outcome<Answer>;
  let isJudged = false;
  try {
    const opened = openCall(request);
    call = { ...call, transactionId: opened.transactionId };
    const decoded = opened.decode();
    call = { ...call, request: decoded.logged };
    const runs = runAgain(() => decoded.run(call, context));
    place.keepUntil(runs);
    outcome = await inTime(runs, limitMs);
    isJudged = true;
  } catch (error) {
    outcome = { error, learned: {}, isLogged: false };
  }
  if (!('error' in outcome)) {
    await record(call, outcome, undefined, context);
    return outcome.answer;
  }
  const failure = failureOf(outcome.error, name, context);
  await record(call, outcome, failure, context);
  // A notification that was checked must not be sent again; one that could not be read gets an error status.
  if (name === 'handleNotification' && failure.kind === 'refused' && isJudged) return NO_CONTENT;
  return binding.refused(failure, name);
}

async function runAgain<Result>(run: () => Promise<Outcome<Result>>): Promise<Outcome<Result>> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await run();
    const hasMet = 'error' in outcome && outcome.error instanceof Conflict;
    if (!hasMet || attempt === ATTEMPTS) return outcome;
  }
}

function newCall({ binding, name, headers, address }: CallRequest, { now }: Context): Call {
  return {
    function: name,
    binding: binding.name,
    dateCreated: apiDate(now()),
    started: performance.now(),
    lpa: headers['user-agent']?.slice(0, 200) ?? null,
    address,
    transactionId: null,
    request: [],
  };
}

/** Writes the log of the profile, unless already written, and a short entry in the server's log. */
async function record(
  call: Call,
  { learned, isLogged }: Outcome<unknown>,
  failure: Failure | undefined,
  context: Context,
): Promise<void> {
  const { log, append, metrics, tracer } = context;
  const { about } = learned;
  const entry = entryOf(call, learned, failure?.refusal);
  if (about !== undefined) markLogged(call, learned, context);
  // Do not try to log a store failure in the store.
  const isWritten = isLogged || failure?.kind === 'busy' || isTooMuch(about, context);
  const rows = isWritten ? [] : logRows(learned, entry, context).map(toLogRow);
  const code = codeOf(entry);
  const ms = performance.now() - call.started;
  metrics.es9plusCall(call.function, code, ms);
  tracer
    // All calls of a session are one trace.
    ?.span(traceIdOf(entry.transaction_id ?? randomSid('request')))
    ?.end(
      `ES9+ ${call.function}`,
      'server',
      call.started,
      {
        'rsp.transaction': entry.transaction_id,
        'rsp.code': code,
        'simwright.profile': about?.order,
      },
      code === null ? undefined : (entry.message ?? code),
    );
  log.info(
    {
      transaction: entry.transaction_id,
      binding: call.binding,
      profile: about?.order,
      status: entry.status,
      code,
      reason: entry.message,
      ms: Math.round(ms),
    },
    `ES9+ ${entry.function}`,
  );
  if (rows.length === 0) return;
  await append(({ tables }) => tables.rspLog.insertMany(rows)).catch((error: unknown) =>
    log.error({ err: error }, 'RSP log not written'),
  );
}

function codeOf({ subject_code: subjectCode, reason_code: reasonCode }: LogEntry): string | null {
  if (subjectCode === null || reasonCode === null) return null;
  return formatStatusCode({ subjectCode, reasonCode });
}
