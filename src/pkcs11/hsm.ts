// An HSM as the server sees it: signs in another process, which is started again when the module fails, crashes or hangs
// (docs/decisions/0062-hsm.md).
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { extname, join } from 'node:path';
import { HsmError } from './errors.ts';
import type {
  Answers,
  Failure,
  FromModule,
  Opening,
  Request,
  TokenInfo,
  ToModule,
} from './messages.ts';
import type { TokenName } from './uri.ts';

/** In the sources and in the build. */
const PROCESS = join(import.meta.dirname, `process${extname(import.meta.filename)}`);

export interface HsmOptions {
  /** File of the PKCS #11 module. */
  module: string;
  token: TokenName;
  /** Signatures at once. */
  sessions: number;
  /** Asked for at every login. Undefined: the token needs none, or has a keypad. */
  readPin: () => Promise<string | undefined>;
  /** Environment of the module's process. */
  env: Record<string, string>;
  isWriting?: boolean;
  isDeliberate?: boolean;
  observer?: HsmObserver;
  limits?: Partial<HsmLimits>;
}

export interface HsmObserver {
  /** @param ms from the request to its answer */
  answered?: (outcome: 'signed' | 'failed', ms: number) => void;
  opened?: (info: TokenInfo) => void;
  /** Whenever it is lost, and when an attempt to have it again fails for another reason. */
  lost?: (problem: string) => void;
}

export interface HsmLimits {
  /** For an answer, with the time that the request waits for a session. Less than the 10 s of a signature. */
  answerMs: number;
  /** How long the module may hold a call. Then its process is ended. */
  callMs: number;
  openMs: number;
  firstPauseMs: number;
  longestPauseMs: number;
  /** An HSM that was not used for so long is asked whether it is there. */
  idleMs: number;
}

const LIMITS: HsmLimits = {
  answerMs: 9_000,
  callMs: 5_000,
  openMs: 10_000,
  firstPauseMs: 250,
  longestPauseMs: 10_000,
  idleMs: 10_000,
};
/** For each session. */
const MOST_WAITING = 250;
/** How often a request goes to a new process because the one that had it was lost. */
const MOST_ATTEMPTS = 2;
const END_MS = 2_000;
const SHOWN_OF_STDERR = 300;

export type HsmState =
  | { is: 'closed' }
  | { is: 'opening' }
  | { is: 'open'; info: TokenInfo }
  | { is: 'away'; problem: string };

interface Job {
  request: Request;
  began: number;
  attempts: number;
  isOver: boolean;
  settle: PromiseWithResolvers<unknown>;
}

interface Running {
  child: ChildProcess;
  sent: Map<number, { job: Job; timer: NodeJS.Timeout }>;
  opening: NodeJS.Timeout;
  hasServed: boolean;
  isLost: boolean;
  stderr: string;
}

export class Hsm implements AsyncDisposable {
  readonly #options: HsmOptions;
  readonly #limits: HsmLimits;
  #state: HsmState = { is: 'closed' };
  #running: Running | undefined;
  #waiting: Job[] = [];
  #ids = 0;
  /** In a row. */
  #failures = 0;
  #retry: NodeJS.Timeout | undefined;
  #idle: NodeJS.Timeout | undefined;
  #refusedPin: string | undefined;
  #isEnding = false;

  constructor(options: HsmOptions) {
    this.#options = options;
    this.#limits = { ...LIMITS, ...options.limits };
  }

  get state(): HsmState {
    return this.#state;
  }

  /** Of the module's process; undefined: there is none now. */
  get pid(): number | undefined {
    return this.#running?.child.pid;
  }

  /** r ‖ s over this SHA-256. Opens the HSM if it is closed. Throws `HsmError`, at once if it is away. */
  async sign(spki: Uint8Array, digest: Uint8Array): Promise<Uint8Array> {
    const began = performance.now();
    let outcome: 'signed' | 'failed' = 'failed';
    try {
      const signature = await this.do({ kind: 'sign', spki, digest });
      outcome = 'signed';
      return signature;
    } finally {
      this.#options.observer?.answered?.(outcome, performance.now() - began);
    }
  }

  /** What its token is, once it is open. Throws `HsmError`. */
  async open(): Promise<TokenInfo> {
    await this.do({ kind: 'ping' });
    if (this.#state.is === 'open') return this.#state.info;
    throw new HsmError('away', 'the HSM was lost');
  }

  do<Kind extends Request['kind']>(
    request: Extract<Request, { kind: Kind }>,
  ): Promise<Answers[Kind]> {
    const job: Job = {
      request,
      began: performance.now(),
      attempts: 0,
      isOver: false,
      settle: Promise.withResolvers(),
    };
    const answer = job.settle.promise as Promise<Answers[Kind]>;
    const problem = this.#whyNot();
    if (problem !== undefined) {
      job.settle.reject(problem);
      return answer;
    }
    const timer = setTimeout(() => this.#tooLate(job), this.#limits.answerMs);
    const done = () => clearTimeout(timer);
    answer.then(done, done);
    this.#waiting.push(job);
    if (this.#state.is === 'closed') this.#open();
    this.#pump();
    return answer;
  }

  #whyNot(): HsmError | undefined {
    if (this.#isEnding) return new HsmError('away', 'the server ends');
    if (this.#state.is === 'away') return new HsmError('away', this.#state.problem);
    if (this.#waiting.length < MOST_WAITING * this.#options.sessions) return undefined;
    return new HsmError(
      'away',
      `the HSM is too slow: ${this.#waiting.length} requests wait for it`,
    );
  }

  #tooLate(job: Job): void {
    const time = `${this.#limits.answerMs / 1_000} s`;
    const index = this.#waiting.indexOf(job);
    if (index >= 0) this.#waiting.splice(index, 1);
    const what =
      index >= 0
        ? `no session of the HSM was free within ${time}`
        : `the HSM did not answer within ${time}`;
    this.#fail(job, { problem: 'away', message: what });
    // Whoever comes next need not wait so long to be told the same.
    if (this.#state.is === 'opening')
      this.#refuse(`the HSM could not be opened within ${time}`, 'away');
  }

  #fail(job: Job, { problem, message }: Failure): void {
    job.isOver = true;
    job.settle.reject(new HsmError(problem, message));
  }

  #pump(): void {
    const running = this.#running;
    if (this.#state.is !== 'open' || running === undefined) return;
    while (running.sent.size < this.#state.info.sessions) {
      const job = this.#waiting.shift();
      if (job === undefined) return;
      const id = (this.#ids += 1);
      job.attempts += 1;
      const time = `${this.#limits.callMs / 1_000} s`;
      const timer = setTimeout(
        () => this.#lose(running, `a call of its module did not return within ${time}`),
        this.#limits.callMs,
      );
      running.sent.set(id, { job, timer });
      tell(running.child, { kind: 'do', id, request: job.request });
    }
  }

  /** Starts the module's process. */
  #open(): void {
    if (this.#state.is !== 'away') this.#state = { is: 'opening' };
    void this.#readPin().then(
      (pin) => {
        if (!this.#isEnding) this.#start(pin);
      },
      (error: unknown) => this.#isAway((error as Error).message, 'away'),
    );
  }

  /** Throws rather than return one that the token has refused. */
  async #readPin(): Promise<string | undefined> {
    const pin = await this.#options.readPin();
    if (pin === undefined || pin !== this.#refusedPin) return pin;
    throw new Error(
      'the token has refused the PIN, which is not tried again; it waits for another one, or for a restart',
    );
  }

  #start(pin: string | undefined): void {
    const { module, token, sessions, env, isWriting = false, isDeliberate = false } = this.#options;
    const opening: Opening = {
      kind: 'open',
      module,
      token,
      pin,
      sessions,
      isWriting,
      isDeliberate,
    };
    const child = fork(PROCESS, [], {
      env: { ...env, UV_THREADPOOL_SIZE: String(sessions + 1) },
      execArgv: [],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const time = `${this.#limits.openMs / 1_000} s`;
    const running: Running = {
      child,
      sent: new Map(),
      opening: setTimeout(
        () => this.#lose(running, `its module could not be opened within ${time}`),
        this.#limits.openMs,
      ),
      hasServed: false,
      isLost: false,
      stderr: '',
    };
    this.#running = running;
    child.stderr?.on('data', (chunk: Buffer) => {
      running.stderr = `${running.stderr}${chunk.toString()}`.slice(-SHOWN_OF_STDERR);
    });
    child.on('message', (message: FromModule) => {
      if (running.isLost) return;
      if (message.kind === 'started') tell(child, opening);
      else if (message.kind === 'opened') this.#isOpen(running, message.info);
      else if (message.kind === 'failed') {
        if (message.failure.problem === 'pin') this.#refusedPin = pin;
        this.#lose(running, message.failure.message, message.failure.problem);
      } else this.#answered(running, message);
    });
    child.on('error', (error) => this.#lose(running, `its process cannot run: ${error.message}`));
    child.on('exit', (code, signal) => {
      const said = running.stderr.trim().split('\n').at(-1);
      const how = signal === null ? `with exit code ${code}` : `by ${signal}`;
      this.#lose(running, `its process ended ${how}${said ? `: ${said}` : ''}`);
    });
  }

  #isOpen(running: Running, info: TokenInfo): void {
    clearTimeout(running.opening);
    this.#state = { is: 'open', info };
    this.#options.observer?.opened?.(info);
    this.#askWhenIdle();
    this.#pump();
  }

  #answered(running: Running, message: Extract<FromModule, { kind: 'done' | 'undone' }>): void {
    const { job, timer } = running.sent.get(message.id)!;
    running.sent.delete(message.id);
    clearTimeout(timer);
    if (message.kind === 'done') {
      running.hasServed = true;
      this.#failures = 0;
      job.isOver = true;
      job.settle.resolve(message.value);
      this.#askWhenIdle();
    } else if (message.failure.problem === 'away') {
      // The token, its sessions or the login are gone: a new process begins anew.
      this.#again(job, message.failure.message);
      this.#lose(running, message.failure.message);
      return;
    } else this.#fail(job, message.failure);
    this.#pump();
  }

  /** A signature may be made twice: only one is used. */
  #again(job: Job, problem: string): void {
    if (job.isOver) return;
    if (job.attempts < MOST_ATTEMPTS && !this.#isEnding) this.#waiting.unshift(job);
    else this.#fail(job, { problem: 'away', message: problem });
  }

  #lose(running: Running, problem: string, kind: Failure['problem'] = 'away'): void {
    if (running.isLost) return;
    running.isLost = true;
    clearTimeout(running.opening);
    clearTimeout(this.#idle);
    running.child.kill('SIGKILL');
    for (const { job, timer } of running.sent.values()) {
      clearTimeout(timer);
      this.#again(job, problem);
    }
    if (this.#running !== running) return;
    this.#running = undefined;
    if (this.#isEnding) return;
    if (running.hasServed) {
      this.#options.observer?.lost?.(problem);
      this.#state = { is: 'opening' };
      this.#open();
    } else this.#isAway(problem, kind);
  }

  #refuse(problem: string, kind: Failure['problem']): void {
    const isNew = this.#state.is !== 'away' || this.#state.problem !== problem;
    this.#state = { is: 'away', problem };
    if (isNew) this.#options.observer?.lost?.(problem);
    for (const job of this.#waiting.splice(0)) this.#fail(job, { problem: kind, message: problem });
  }

  /** Until an attempt succeeds; requests fail at once. */
  #isAway(problem: string, kind: Failure['problem']): void {
    if (this.#isEnding) return;
    this.#refuse(problem, kind);
    const { firstPauseMs, longestPauseMs } = this.#limits;
    const pause = Math.min(firstPauseMs * 2 ** this.#failures, longestPauseMs);
    this.#failures += 1;
    this.#retry = setTimeout(() => this.#open(), pause);
    this.#retry.unref();
  }

  #askWhenIdle(): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      this.do({ kind: 'ping' }).catch(() => {});
    }, this.#limits.idleMs);
    this.#idle.unref();
  }

  /** Gives the sessions back, if the module lets it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnding = true;
    clearTimeout(this.#retry);
    clearTimeout(this.#idle);
    for (const job of this.#waiting.splice(0))
      this.#fail(job, { problem: 'away', message: 'the server ends' });
    const running = this.#running;
    if (running === undefined || running.isLost) return;
    const { child } = running;
    const { promise, resolve } = Promise.withResolvers<void>();
    child.once('exit', () => resolve());
    const timer = setTimeout(() => child.kill('SIGKILL'), END_MS);
    tell(child, { kind: 'end' });
    await promise;
    clearTimeout(timer);
  }
}

/** Whoever has ended is told nothing. */
function tell(child: ChildProcess, message: ToModule): void {
  if (child.connected) child.send(message, () => {});
}
