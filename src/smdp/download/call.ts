// An ES9+ call and its outcome, as logged.
import type { Context } from '../../context.ts';
import { FunctionExecutionError } from '../../rsp/function-execution-error.ts';
import type { BindingName, RspLogRow } from '../../store/schema.ts';
import { fromLoggedParts } from './logged-message.ts';
import type { Logged } from './logged-message.ts';
import type { About } from './ordered-profile.ts';

/** An entry of the RSP log whose messages are not text yet. */
export type LoggedCall = Omit<RspLogRow, 'request' | 'response'> & {
  request: Logged;
  response: Logged | null;
};

/** One that is not assigned to an order yet. */
export type LogEntry = Omit<LoggedCall, 'account_sid' | 'esim_profile_sid' | 'sid'>;

/** A received call. */
export interface Call {
  readonly function: string;
  readonly binding: BindingName;
  readonly dateCreated: string;
  /** In terms of `performance.now()`. */
  readonly started: number;
  /** User-Agent of the LPA. */
  readonly lpa: string | null;
  /** Network address of the caller. */
  readonly address: string | null;
  /** Upper-case hex, if the request names one. */
  readonly transactionId: string | null;
  /** The message as logged. */
  readonly request: Logged;
}

/** What is known about a call so far. */
export interface Learned {
  /** The order concerned. */
  about?: About | undefined;
  transactionId?: string;
  eid?: string;
  tac?: string;
  imei?: string;
  /** The response as logged. */
  response?: Logged;
  /** Entries of earlier calls, before the session's order was known. */
  earlier?: LogEntry[];
}

/** The outcome of a call. */
export type Outcome<Answer> = {
  learned: Learned;
  /** Whether the log was written together with the call's changes. */
  isLogged: boolean;
} & ({ answer: Answer } | { error: unknown });

/** @param work fills in `learned` as it proceeds, so refusals are logged with it */
export async function outcomeOf<Answer>(
  work: (learned: Learned) => Promise<{ answer: Answer; isLogged: boolean }>,
): Promise<Outcome<Answer>> {
  const learned: Learned = {};
  try {
    return { learned, ...(await work(learned)) };
  } catch (error) {
    return { learned, isLogged: false, error };
  }
}

/** @param refused the refusal, if any */
export function entryOf(call: Call, learned: Learned, refused?: FunctionExecutionError): LogEntry {
  return {
    function: call.function,
    transaction_id: learned.transactionId ?? call.transactionId,
    eid: learned.eid ?? null,
    tac: learned.tac ?? null,
    imei: learned.imei ?? null,
    lpa: call.lpa,
    binding: call.binding === 'json' ? null : call.binding,
    address: call.address,
    duration_ms: Math.round(performance.now() - call.started),
    status: refused === undefined ? 'Executed-Success' : 'Failed',
    subject_code: refused?.subjectCode ?? null,
    reason_code: refused?.reasonCode ?? null,
    message: refused?.message ?? null,
    request: call.request,
    response: learned.response ?? null,
    date_created: call.dateCreated,
  };
}

/** The RSP log's entries of a call and the earlier ones; none without an order. */
export function logRows(
  { about, earlier = [] }: Learned,
  entry: LogEntry,
  { now, sids }: Pick<Context, 'now' | 'sids'>,
): LoggedCall[] {
  if (about === undefined) return [];
  return [...earlier, entry].map((row) => ({
    ...row,
    account_sid: about.accountSid,
    esim_profile_sid: about.order,
    sid: sids.next('rspLog', now()),
  }));
}

/** For the log's own table: other than in the log of a session, messages are text there. */
export const toLogRow = ({ request, response, ...call }: LoggedCall): RspLogRow => ({
  ...call,
  request: fromLoggedParts(request),
  response: response === null ? null : fromLoggedParts(response),
});
