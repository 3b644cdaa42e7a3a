// Counts the calls that pass in a run, and strikes at one of them.
import type { Call, Fault, Point } from './point.ts';

export interface PassedCall extends Call {
  occurrence: number;
  /** The function that made it, if the stack tells. */
  caller: string | undefined;
}

export class Ledger {
  readonly passed: PassedCall[] = [];
  readonly #counts = new Map<string, number>();
  readonly #point: Point | undefined;
  readonly #wantsCallers: boolean;
  #isOpen = true;
  #hasStruck = false;

  /** @param wantsCallers whether to look for the functions that make the calls, which takes time */
  constructor(point: Point | undefined, wantsCallers = false) {
    this.#point = point;
    this.#wantsCallers = wantsCallers;
  }

  get hasStruck(): boolean {
    return this.#hasStruck;
  }

  /** What is still to go wrong. */
  get ahead(): Point | undefined {
    return this.#isOpen && !this.#hasStruck ? this.#point : undefined;
  }

  /** Called when it has gone wrong where this ledger sees nothing. */
  struck(): void {
    this.#hasStruck = true;
  }

  /** @returns what must go wrong with this call */
  pass(call: Call): Fault | undefined {
    if (!this.#isOpen) return undefined;
    const occurrence = (this.#counts.get(call.name) ?? 0) + 1;
    this.#counts.set(call.name, occurrence);
    this.passed.push({ ...call, occurrence, caller: this.#wantsCallers ? callerOf() : undefined });
    const { name, occurrence: at, fault } = this.#point ?? {};
    if (call.name !== name || occurrence !== at) return undefined;
    this.#hasStruck = true;
    return fault;
  }

  /** Calls from now on are not counted. */
  close(): void {
    this.#isOpen = false;
  }
}

const LINE =
  /at (?:async )?(?:([\w.<>#]+(?: \[as \w+\])?) \()?(?:file:\/\/)?\S*?\/src\/([\w/.-]+\.ts):\d+/;

/** The innermost function outside the store; or else inside. */
function callerOf(): string | undefined {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 60;
  const { stack = '' } = new Error();
  Error.stackTraceLimit = stackTraceLimit;
  const frames = stack.split('\n').flatMap((line) => {
    const [, name = '', file] = LINE.exec(line) ?? [];
    return file === undefined ? [] : [{ name, file }];
  });
  const frame = frames.find(({ file }) => !/^(store\/|unit\.ts)/.test(file)) ?? frames.at(-1);
  return frame && `${frame.name} ${frame.file}`.trim();
}
