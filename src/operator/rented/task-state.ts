// A task as the unit that carries it out sees it: its row, and what its calls were answered.
import { randomUUID } from 'node:crypto';
import type { Es2PlusRequest, Es2PlusResponse, SmdpFunctions } from '../../es2plus/functions.ts';
import type { MasterKey } from '../../process/keys.ts';
import { FunctionExecutionError } from '../../rsp/function-execution-error.ts';
import type { ReasonCode, SubjectCode } from '../../rsp/status-codes.ts';
import type { Es2PlusCallRow, Es2PlusTaskRow } from '../../store/schema.ts';
import type { SmdpTask } from './task.ts';

export type FunctionName = keyof SmdpFunctions;
export type Request = Omit<Es2PlusRequest<FunctionName>, 'header'>;
export type Response = Es2PlusResponse<FunctionName>;

export interface Call {
  name: FunctionName;
  occurrence: number;
  /** functionCallIdentifier */
  identifier: string;
  request: Request;
  state: Es2PlusCallRow['state'];
  answer: Response | Refusal | undefined;
  /** Whether the state and the answer are on disk. */
  written: boolean;
}

interface Refusal {
  subjectCode: SubjectCode;
  reasonCode: ReasonCode;
  message: string;
}

/** §5.3.3 of a task that undoes others: none of theirs. */
const UNDOING = 10;

export class TaskState {
  readonly accountSid: string;
  readonly on: SmdpTask;
  /** As this process has read or written it last; undefined: it is not claimed. */
  row: Es2PlusTaskRow | undefined;
  readonly calls = new Map<string, Call>();

  constructor(accountSid: string, on: SmdpTask, row: Es2PlusTaskRow | undefined) {
    this.accountSid = accountSid;
    this.on = on;
    this.row = row;
  }

  get key(): Pick<Es2PlusTaskRow, 'account_sid' | 'subject'> {
    return { account_sid: this.accountSid, subject: this.on.subject };
  }

  /** The call of a function, which is made if it is new. @param before how many of it the same run has made */
  call(name: FunctionName, before: number, request: Request): Call {
    const occurrence =
      this.on.task.kind === 'undo' && name === 'cancelOrder' ? before + UNDOING : before;
    const slot = `${name} ${occurrence}`;
    const known = this.calls.get(slot);
    // One that has never left may have become another.
    if (known?.state === 'unsent') known.request = request;
    const call = known ?? {
      name,
      occurrence,
      identifier: randomUUID(),
      request,
      state: 'unsent',
      answer: undefined,
      written: false,
    };
    this.calls.set(slot, call);
    return call;
  }

  take(row: Es2PlusCallRow, masterKey: MasterKey): void {
    const name = row.function as FunctionName;
    const open = (text: string, column: string) =>
      JSON.parse(masterKey.open(text, callPlace(row, column))) as never;
    this.calls.set(`${name} ${row.occurrence}`, {
      name,
      occurrence: row.occurrence,
      identifier: row.call_identifier,
      request: open(row.request, 'request'),
      state: row.state,
      answer: row.answer === null ? undefined : open(row.answer, 'answer'),
      written: true,
    });
  }

  rowOf(call: Call, masterKey: MasterKey): Es2PlusCallRow {
    const key = { ...this.key, function: call.name, occurrence: call.occurrence };
    const seal = (value: unknown, column: string) =>
      masterKey.seal(JSON.stringify(value ?? null), callPlace(key, column));
    const isDone = call.state === 'answered' || call.state === 'refused';
    return {
      ...key,
      call_identifier: call.identifier,
      request: seal(call.request, 'request'),
      state: call.state,
      answer: isDone ? seal(call.answer, 'answer') : null,
    };
  }

  /** Whether the SM-DP+ has done, or may have done, anything for it. */
  get hasEffect(): boolean {
    return [...this.calls.values()].some(({ state }) => state === 'answered' || state === 'asked');
  }
}

export const callPlace = (
  row: Pick<Es2PlusCallRow, 'account_sid' | 'subject' | 'function' | 'occurrence'>,
  column: string,
) => `es2plus_calls.${column} ${row.account_sid} ${row.subject} ${row.function} ${row.occurrence}`;

/** What a call was answered, or its refusal is thrown. Undefined: it is not answered yet. */
export function answerOf({ state, answer }: Call): { response: Response } | undefined {
  if (state === 'answered') return { response: (answer ?? undefined) as Response };
  if (state !== 'refused') return undefined;
  const { subjectCode, reasonCode, message } = answer as Refusal;
  throw new FunctionExecutionError(subjectCode, reasonCode, message);
}
