// In a server's first process: starts workers, replaces those that die, and ends them.
import cluster from 'node:cluster';
import type { Worker } from 'node:cluster';
import type { Logger } from 'pino';
import type { Beginning, FromWorker, Serving, ToWorker } from './messages.ts';
import { Gathering } from './gathering.ts';
import { Switchboard } from './switchboard.ts';
import { WorkerEnded } from './worker-ended.ts';

/** How often in a row a worker may die while it starts. With the pauses in between that is about half a minute. */
const START_ATTEMPTS = 10;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** A worker that has served for so long is replaced at once. */
const STEADY_MS = 10_000;

export interface SupervisorOptions {
  /** What a worker runs. */
  file: string;
  env: Record<string, string>;
  beginning(number: number, isStart: boolean): Beginning;
  log: Logger;
}

/** A worker's number, whichever process has it. */
interface Post {
  readonly number: number;
  hasServed: boolean;
  /** In a row, while starting. */
  deaths: number;
  pauseMs: number;
  /** Settled by its first process that serves. */
  readonly serving: PromiseWithResolvers<Serving>;
  ended: Promise<void>;
  /** To its process, if there is one. */
  send: (message: ToWorker) => void;
}

export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #posts: Post[] = [];
  /** To the workers that serve. */
  readonly #sends = new Map<number, (message: ToWorker) => void>();
  readonly #switchboard = new Switchboard(this.#sends);
  /** Their metrics. */
  readonly gathering = new Gathering(this.#sends);
  readonly #failure = Promise.withResolvers<never>();
  readonly #waiting = new Set<NodeJS.Timeout>();
  #isEnding = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#failure.promise.catch(() => {});
    // Where they do not listen each by itself, they share the sockets. Handed over by the first process, connections on
    // their way to a worker that dies would hang for ever.
    cluster.schedulingPolicy = cluster.SCHED_NONE;
    // As JSON, the settings that are maps would arrive empty.
    cluster.setupPrimary({ exec: options.file, args: [], serialization: 'advanced' });
  }

  /** Rejects with `WorkerEnded` when a worker cannot be replaced. */
  get failed(): Promise<never> {
    return this.#failure.promise;
  }

  /** @param isStart whether the server starts with it. Rejects with `WorkerEnded` if it cannot start. */
  async start(number: number, { isStart }: { isStart: boolean }): Promise<Serving> {
    const serving = Promise.withResolvers<Serving>();
    const ended = Promise.resolve();
    const post: Post = {
      number,
      hasServed: false,
      deaths: 0,
      pauseMs: 0,
      serving,
      ended,
      send() {},
    };
    this.#posts.push(post);
    this.#launch(post, isStart);
    return Promise.race([serving.promise, this.failed]);
  }

  /** Lets the workers finish their work. @param drains whether they still serve for a while */
  async end({ drains }: { drains: boolean }): Promise<void> {
    this.#isEnding = true;
    for (const timer of this.#waiting) clearTimeout(timer);
    for (const { send } of this.#posts) send({ kind: 'stop', drains });
    await Promise.all(this.#posts.map(({ ended }) => ended));
  }

  #launch(post: Post, isStart: boolean): void {
    const { number } = post;
    const worker = cluster.fork(this.#options.env);
    // Whoever is not there any more is told nothing.
    const send = (message: ToWorker) => {
      if (worker.isConnected()) worker.send(message, () => {});
    };
    let servingSince: number | undefined;
    worker.on('message', (message: FromWorker) => {
      if (this.#switchboard.take(number, message)) return;
      if (message.kind === 'counted') this.gathering.take(number, message.snapshot);
      if (message.kind === 'ready') send(this.#options.beginning(number, isStart));
      if (message.kind !== 'serving') return;
      servingSince = performance.now();
      post.deaths = 0;
      post.hasServed = true;
      this.#sends.set(number, send);
      post.serving.resolve(message);
      this.#options.log.info({ worker: number, pid: worker.process.pid }, 'worker serves');
    });
    worker.on('error', () => {});
    post.send = send;
    const { promise, resolve } = Promise.withResolvers<void>();
    post.ended = promise;
    worker.once('exit', (code, signal) => {
      this.#sends.delete(number);
      this.#switchboard.forget(number);
      this.gathering.forget(number);
      if (!this.#isEnding) this.#replace(post, worker, { code, signal, servingSince, isStart });
      resolve();
    });
    if (this.#isEnding) send({ kind: 'stop', drains: false });
  }

  #replace(
    post: Post,
    worker: Worker,
    end: { code: number; signal: string; servingSince: number | undefined; isStart: boolean },
  ): void {
    const { log } = this.#options;
    const { number } = post;
    const { code, signal, servingSince, isStart } = end;
    const by = signal === null ? `with exit code ${code}` : `by ${signal}`;
    if (servingSince === undefined) post.deaths++;
    // One that has never served says what is wrong with the server.
    const isRefused = !post.hasServed && signal === null;
    if (isRefused || post.deaths === START_ATTEMPTS) {
      const times = post.deaths === 1 ? '' : `, for the ${post.deaths}th time in a row`;
      const message = `Worker ${number} ended ${by} while starting${times}`;
      this.#failure.reject(new WorkerEnded(message, signal === null ? code : 0));
      return;
    }
    const isSteady = servingSince !== undefined && performance.now() > servingSince + STEADY_MS;
    post.pauseMs = isSteady
      ? 0
      : Math.min(Math.max(FIRST_PAUSE_MS, 2 * post.pauseMs), LONGEST_PAUSE_MS);
    log.error(
      { worker: number, pid: worker.process.pid, ...(signal === null ? { code } : { signal }) },
      `worker ended ${by}${servingSince === undefined ? ' while starting' : ''}; ` +
        `it is replaced${isSteady ? '' : ` in ${post.pauseMs} ms`}`,
    );
    const timer = setTimeout(() => {
      this.#waiting.delete(timer);
      this.#launch(post, isStart && servingSince === undefined);
    }, post.pauseMs);
    this.#waiting.add(timer);
  }
}
