// A call of a function of ES9+ as its log has it: what is known when it comes, and what it comes to.
import type { Context } from '../../context.ts';
import { FunctionExecutionError } from '../../rsp/function-execution-error.ts';
import type { RspLogRow } from '../../store/schema.ts';
import { timeOrderedSid } from '../../values/sid.ts';
import type { About } from './ordered-profile.ts';

/** An entry of the RSP log, while it is not known which order it belongs to. */
export type LogEntry = Omit<RspLogRow, 'account_sid' | 'esim_profile_sid' | 'sid'>;

/** A call that has come. */
export interface Call {
  readonly function: string;
  readonly dateCreated: string;
  /** As `performance.now()` tells it. */
  readonly started: number;
  /** User-Agent of the LPA. */
  readonly lpa: string | null;
  /** Where it came from. */
  readonly address: string | null;
  /** Upper-case hex, as far as its members name one. */
  readonly transactionId: string | null;
  /** What the log is to hold of its message. */
  readonly request: string;
}

/** What a call has told so far. */
export interface Learned {
  /** The order that it is about. */
  about?: About | undefined;
  transactionId?: string;
  eid?: string;
  tac?: string;
  imei?: string;
  /** What the log is to hold of the answer. */
  response?: string;
  /** Entries of calls that came before it was known which order the session is about. */
  earlier?: LogEntry[];
}

/** What a call comes to. */
export type Outcome<Answer> = {
  learned: Learned;
  /** Whether the log was written with what the call has changed. */
  isLogged: boolean;
} & ({ answer: Answer } | { error: unknown });

/** @param work adds to what is learned as it goes on, so that a refusal is logged with it */
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

/** @param refused why, when it was */
export function entryOf(call: Call, learned: Learned, refused?: FunctionExecutionError): LogEntry {
  return {
    function: call.function,
    transaction_id: learned.transactionId ?? call.transactionId,
    eid: learned.eid ?? null,
    tac: learned.tac ?? null,
    imei: learned.imei ?? null,
    lpa: call.lpa,
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

/** What a call and those before it leave in the RSP log; nothing while it is about no order. */
export function logRows(
  { about, earlier = [] }: Learned,
  entry: LogEntry,
  { now }: Pick<Context, 'now'>,
): RspLogRow[] {
  if (about === undefined) return [];
  return [...earlier, entry].map((row) => ({
    ...row,
    account_sid: about.accountSid,
    esim_profile_sid: about.order,
    sid: timeOrderedSid('rspLog', now()),
  }));
}
