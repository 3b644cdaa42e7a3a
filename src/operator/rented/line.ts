// Whether a rented SM-DP+ answers, as this process has seen it last.
import type { Logger } from 'pino';
import type { PeerUnavailable } from '../../outgoing/peer-unavailable.ts';

/** Calls at a time. */
const AT_ONCE = 8;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 15_000;

/** How long to wait after so many failures in a row, from 1. */
export const pauseAfter = (failures: number): number =>
  Math.min(FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 16), LONGEST_PAUSE_MS);

export class Line {
  readonly #log: Logger;
  readonly #address: string;
  #failures = 0;
  #downSince = 0;
  #until = -Infinity;
  #problem = '';
  #busy = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(address: string, log: Logger) {
    this.#address = address;
    this.#log = log;
  }

  /** Why nothing should be tried at the moment; undefined: it may be. */
  get problem(): string | undefined {
    return performance.now() < this.#until ? this.#problem : undefined;
  }

  /** For how long. */
  get pauseMs(): number {
    return Math.max(0, this.#until - performance.now());
  }

  /** The last call had no answer: one task at a time is tried. */
  get isTried(): boolean {
    return this.#failures > 0;
  }

  answered(): void {
    if (this.#failures > 0) {
      const seconds = Math.round((performance.now() - this.#downSince) / 1000);
      this.#log.info({ smdp: this.#address, seconds }, 'the SM-DP+ answers again');
    }
    this.#failures = 0;
    this.#until = -Infinity;
  }

  failed({ message, detail }: PeerUnavailable): void {
    // Of calls that were made together, one counts.
    if (performance.now() < this.#until) return;
    if (this.#failures === 0) this.#downSince = performance.now();
    this.#failures++;
    this.#problem = message;
    const pauseMs = pauseAfter(this.#failures);
    this.#until = performance.now() + pauseMs;
    this.#log.warn(
      { smdp: this.#address, reason: message, detail, attempts: this.#failures, pauseMs },
      'the SM-DP+ does not answer; what it is asked for waits',
    );
  }

  /** Runs a call when it is its turn. */
  async take<T>(call: () => Promise<T>): Promise<T> {
    if (this.#busy >= AT_ONCE) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#busy++;
    try {
      return await call();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#busy--;
      else next();
    }
  }
}
