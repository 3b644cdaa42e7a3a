// What is under way at a rented SM-DP+.

/** Something under way at a rented SM-DP+: docs/decisions/0049-rented-smdp.md. */
export interface Es2PlusTaskRow {
  account_sid: string;
  /** SID of the order, or `BATCH.ITEM`. */
  subject: string;
  /** Of the task, as in operator/rented/task.ts. */
  kind: string;
  /** Sealed JSON. */
  task: string;
  /** With milliseconds: in the future while it waits, or somebody works on it, who has it as long as this is unchanged. */
  due_at: string;
  /** Calls without an answer since the last one that was answered. */
  attempts: number;
  /** Why the last call had no answer. */
  problem: string | null;
  date_created: string;
}

/** A call of a task. */
export interface Es2PlusCallRow {
  account_sid: string;
  subject: string;
  function: string;
  /** Which of the task's calls of the function, from 0. */
  occurrence: number;
  /** functionCallIdentifier, the same whenever it is repeated. */
  call_identifier: string;
  /** Sealed JSON, without its header. */
  request: string;
  /** `unsent`: no attempt can have arrived. `asked`: one may have. */
  state: 'unsent' | 'asked' | 'answered' | 'refused';
  /** Sealed JSON of the response, or of the refusal. */
  answer: string | null;
}

/** A report of a rented SM-DP+ that was taken. */
export interface Es2PlusReportRow {
  account_sid: string;
  /** SHA-256 of what it says, hex. */
  digest: string;
  date_created: string;
}

export interface RentedSmdpTables {
  es2plus_tasks: Es2PlusTaskRow;
  es2plus_calls: Es2PlusCallRow;
  es2plus_reports: Es2PlusReportRow;
}
