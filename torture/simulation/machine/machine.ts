// A machine inside this process: its programs share one clock, one disk and one source of chance, and it alone decides
// what happens next. So the same seed gives the same run.
import { AsyncLocalStorage } from 'node:async_hooks';
import { Random } from '../../random.ts';
import type { Disk } from './disk.ts';
import type { Network } from './network.ts';
import { TaskQueue } from './task-queue.ts';
import type { Task } from './task-queue.ts';
import type { Trace } from './trace.ts';

/** Taken before `install.ts` replaces it. */
const realSetImmediate = setImmediate;

/** What a program that has died meets at each call; it has no effect any more. */
export class Stopped extends Error {
  override name = 'Stopped';
}

/** Something ended the program that should not have: an error that nobody caught. */
export class Crash extends Error {
  override name = 'Crash';
}

const inside = new AsyncLocalStorage<Program>();

/** The program that runs at the moment; undefined outside of every machine. */
export const running = (): Program | undefined => inside.getStore();

export class Program {
  readonly name: string;
  readonly machine: Machine;
  /** For what the program itself draws, so that it does not change what the seed has chosen otherwise. */
  readonly random: Random;
  isStopped = false;
  /** In terms of `Machine.elapsed`; it does nothing before. */
  frozenUntil = 0;

  constructor(name: string, machine: Machine, random: Random) {
    this.name = name;
    this.machine = machine;
    this.random = random;
  }

  /** Does the work as this program. Returns at once, and throws what it throws. */
  do<T>(work: () => T): T {
    return inside.run(this, work);
  }

  /** Does it later, unless the program has died by then. */
  after(ms: number, work: () => void): Task {
    return this.machine.schedule(this, ms, work);
  }

  /** Stands still until then, or longer if it already does. @returns by how many milliseconds longer than it would have */
  freeze(until: number): number {
    const already = Math.max(this.frozenUntil, this.machine.elapsed);
    this.frozenUntil = Math.max(already, until);
    return this.frozenUntil - already;
  }

  /** Resolves as a timer would. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(ms, resolve);
    });
  }
}

export class Machine {
  /** Milliseconds since it was switched on; no clock of its programs can change them. */
  elapsed = 0;
  /** How wrong its clock is, in milliseconds. */
  ahead = 0;
  /** How long it has slept, while its steady clock stood still. */
  slept = 0;
  readonly trace: Trace;
  readonly disk: Disk;
  readonly network: Network;
  readonly #began: number;
  readonly #tasks = new TaskQueue();
  #crash: Crash | undefined;

  /** @param began what its clock showed when it was switched on, in milliseconds since 1970 */
  constructor(began: number, trace: Trace, disk: Disk, network: Network) {
    this.#began = began;
    this.trace = trace;
    this.disk = disk;
    this.network = network;
  }

  /** In milliseconds since 1970. */
  wall(): number {
    return this.#began + this.elapsed + this.ahead;
  }

  steady(): number {
    return this.elapsed - this.slept;
  }

  /** While a machine sleeps, its steady clock may stand still. */
  sleep(program: Program, ms: number): void {
    const longer = program.freeze(this.elapsed + ms);
    program.after(0, () => void (this.slept += longer));
  }

  program(name: string, random: Random): Program {
    return new Program(name, this, random);
  }

  note(who: string, what: string): void {
    this.trace.add(this.elapsed, who, what);
  }

  schedule(program: Program, ms: number, work: () => void): Task {
    const at = this.elapsed + Math.max(ms, 0);
    const task: Task = { at, due: at, program, work, isCancelled: false };
    if (!program.isStopped) this.#tasks.add(task);
    return task;
  }

  /** Lets things happen, one after the other, until `isDone`. Throws `Crash`, or if nothing is left that could happen. */
  async run(isDone: () => boolean): Promise<void> {
    const onRejection = (reason: unknown) => this.#crashed(reason);
    process.on('unhandledRejection', onRejection);
    try {
      while (!isDone()) {
        const task = this.#tasks.next();
        if (task === undefined) throw new Crash('nothing is left that could happen');
        this.#do(task);
        await quiet();
        if (this.#crash !== undefined) throw this.#crash;
      }
    } finally {
      process.off('unhandledRejection', onRejection);
    }
  }

  #do(task: Task): void {
    const { program, at, work } = task;
    if (task.isCancelled || program.isStopped) return;
    if (program.frozenUntil > at) {
      task.at = program.frozenUntil;
      this.#tasks.add(task);
      return;
    }
    this.elapsed = Math.max(this.elapsed, at);
    try {
      program.do(work);
    } catch (error) {
      this.#crashed(error);
    }
  }

  #crashed(reason: unknown): void {
    if (reason instanceof Stopped) return;
    const { message } = reason as Error;
    this.#crash ??= new Crash(`nobody caught an error: ${message}`, { cause: reason });
  }
}

/** Resolves once nothing is left that happens by itself: promises and ticks, which come before an immediate. */
function quiet(): Promise<void> {
  return new Promise((resolve) => {
    realSetImmediate(resolve);
  });
}
