// Work that keeps the process's one loop busy is done a little in each of its turns, so that in between is seen what has arrived:
// answers of the database, which transactions wait for, and new connections, of which the loop accepts one in a turn.
// docs/decisions/0065-turns-of-the-loop.md

/** Cryptography of a call that goes on with a session or begins one, or of a TLS handshake. */
export const KINDS = ['goes on', 'begins', 'handshake'] as const;
export type Kind = (typeof KINDS)[number];

/** After which work waits for the next turn of the loop: some calls of ES9+. */
const BUDGET_MS = 1;

/**
 * What goes on is done first, since what was spent on it would be lost. Then, while both wait, so many handshakes for each call
 * that begins: as many as a device needs that connects anew for each call of a download. So neither keeps out the other.
 */
const HANDSHAKES = 4;

export class Turns {
  readonly #steady: () => number;
  readonly #lines: Record<Kind, Waiter[]> = { 'goes on': [], begins: [], handshake: [] };
  /** Since a call that begins was last taken. */
  #handshakes = 0;
  /** When the work of this turn of the loop began; undefined: there was none. */
  #since: number | undefined;

  /** @param steady milliseconds, monotonic */
  constructor(steady = () => performance.now()) {
    this.#steady = steady;
  }

  /** For how long the first of a line has waited, in milliseconds; 0 if none waits. */
  waits(kind: Kind): number {
    const first = this.#firstOf(kind);
    return first === undefined ? 0 : this.#steady() - first.since;
  }

  /** Resolves when it is time for work, which is then to be done at once. */
  next(kind: Kind): Promise<void> {
    return new Promise((resolve) => void this.run(kind, resolve));
  }

  /**
   * Does work when it is time for it: now, if this turn of the loop has had little to do and nothing waits.
   * @returns a function by which it is no longer wanted
   */
  run(kind: Kind, work: () => void): () => void {
    const now = this.#steady();
    const waiter = { since: now, work, isGone: false };
    if (this.#since === undefined) {
      this.#begin(now);
      work();
    } else if (now < this.#since + BUDGET_MS && this.#isEmpty()) {
      work();
    } else {
      this.#lines[kind].push(waiter);
    }
    return () => void (waiter.isGone = true);
  }

  #isEmpty(): boolean {
    return Object.values(this.#lines).every(({ length }) => length === 0);
  }

  #begin(now: number): void {
    this.#since = now;
    setImmediate(() => this.#turn());
  }

  /** In the next turn of the loop. */
  #turn(): void {
    this.#since = undefined;
    const next = this.#take();
    if (next === undefined) return;
    this.#begin(this.#steady());
    this.#work(next);
  }

  #work({ work }: Waiter): void {
    work();
    // What follows from it at once, in microtasks, is part of it.
    queueMicrotask(() => process.nextTick(() => this.#goOn()));
  }

  #goOn(): void {
    if (this.#since === undefined || this.#steady() >= this.#since + BUDGET_MS) return;
    const next = this.#take();
    if (next !== undefined) this.#work(next);
  }

  #take(): Waiter | undefined {
    const kind = this.#nextKind();
    if (kind === 'handshake') this.#handshakes++;
    if (kind === 'begins') this.#handshakes = 0;
    return this.#lines[kind].shift();
  }

  #nextKind(): Kind {
    if (this.#firstOf('goes on') !== undefined) return 'goes on';
    if (this.#firstOf('handshake') === undefined) return 'begins';
    const isTimeToBegin = this.#handshakes >= HANDSHAKES;
    return isTimeToBegin && this.#firstOf('begins') !== undefined ? 'begins' : 'handshake';
  }

  #firstOf(kind: Kind): Waiter | undefined {
    const line = this.#lines[kind];
    while (line[0]?.isGone === true) line.shift();
    return line[0];
  }
}

interface Waiter {
  readonly since: number;
  readonly work: () => void;
  isGone: boolean;
}
