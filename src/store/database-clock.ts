// The time of a database used by several machines: the database's own, which they all follow.
import type { Clock, MachineClock } from './clock.ts';
import { MACHINE } from './clock.ts';

/** The database's time in milliseconds since 1970; and when it was asked and had answered, by our steady clock. */
export interface Measurement {
  time: number;
  asked: number;
  answered: number;
}

/**
 * For smaller differences this clock stands still rather than go back; a larger one means that the database's clock
 * was set.
 */
const STANDSTILL_MS = 1_000;
/** If wall and steady clock have diverged by this much, one was set or the machine has slept. */
const DOUBT_MS = 1_000;
/** Minimum interval between background measurements. */
const PAUSE_MS = 1_000;

export class DatabaseClock implements Clock {
  readonly #machine: MachineClock;
  readonly #ask: (steady: () => number) => Promise<Measurement>;
  /** The database's clock minus our steady one. */
  #offset: number;
  /** The wall clock minus the steady one when the offset was measured. */
  #skew: number;
  #last = -Infinity;
  #measuring: Promise<void> | undefined;
  #measuredAt = -Infinity;

  constructor(
    ask: (steady: () => number) => Promise<Measurement>,
    machine: MachineClock = MACHINE,
  ) {
    this.#machine = machine;
    this.#ask = ask;
    // Follow the machine's clock until the first measurement.
    this.#skew = machine.wall() - machine.steady();
    this.#offset = this.#skew;
  }

  now(): Date {
    const steady = this.#machine.steady();
    const time = steady + this.#offset;
    if (time >= this.#last || time < this.#last - STANDSTILL_MS) this.#last = time;
    if (Math.abs(this.#machine.wall() - steady - this.#skew) > DOUBT_MS) this.measureSoon();
    return new Date(Math.floor(this.#last));
  }

  /** No effect: other machines share this time. */
  notBefore(): void {}

  get aheadMs(): number {
    return Math.round(this.#skew - this.#offset);
  }

  compare(): Promise<void> {
    return this.#measure();
  }

  /** Measures in the background, unless done just now; a failure can wait for the next time. */
  measureSoon(): void {
    const since = this.#machine.steady() - this.#measuredAt;
    // `openStore` awaits the first measurement.
    if (since === Infinity || since < PAUSE_MS) return;
    this.#measure().catch(() => {});
  }

  #measure(): Promise<void> {
    this.#measuring ??= this.#measureNow().finally(() => (this.#measuring = undefined));
    return this.#measuring;
  }

  /**
   * An answer bounds the offset: the longer it takes, the wider the bounds. An offset within them is kept, so a slow
   * answer does not spoil the result of a fast one.
   */
  async #measureNow(): Promise<void> {
    const { steady, wall } = this.#machine;
    this.#measuredAt = steady();
    const { time, asked, answered } = await this.#ask(steady);
    const [least, most] = [time - answered, time - asked];
    if (this.#offset < least || this.#offset > most) this.#offset = (least + most) / 2;
    this.#skew = wall() - steady();
    this.#measuredAt = steady();
  }
}
