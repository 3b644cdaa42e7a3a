// The time of a database that many machines use: its own, which each of them follows.
import type { Clock, MachineClock } from './clock.ts';
import { MACHINE } from './clock.ts';

/** What the database's clock told, in milliseconds since 1970; and when it was asked, and had answered, by our steady one. */
export interface Measurement {
  time: number;
  asked: number;
  answered: number;
}

/** By less this clock does not go back but stands still; by more the database's was set, for all who go by it. */
const STANDSTILL_MS = 1_000;
/** When wall and steady clock have moved apart by so much, one was set or the machine has slept. */
const DOUBT_MS = 1_000;
/** After a measurement the next one that nobody waits for. */
const PAUSE_MS = 1_000;

export class DatabaseClock implements Clock {
  readonly #machine: MachineClock;
  readonly #ask: (steady: () => number) => Promise<Measurement>;
  /** What the database's clock has more than our steady one. */
  #offset: number;
  /** What the wall clock had more than the steady one when the offset was measured. */
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
    // The machine's clock, until the database was asked.
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

  /** Not at all: it is the time of others, too. */
  notBefore(): void {}

  get aheadMs(): number {
    return Math.round(this.#skew - this.#offset);
  }

  compare(): Promise<void> {
    return this.#measure();
  }

  /** Measures anew, unless that was done just now; when it fails, the next time is soon enough. */
  measureSoon(): void {
    const since = this.#machine.steady() - this.#measuredAt;
    // Whoever opens the database waits for the first.
    if (since === Infinity || since < PAUSE_MS) return;
    this.#measure().catch(() => {});
  }

  #measure(): Promise<void> {
    this.#measuring ??= this.#measureNow().finally(() => (this.#measuring = undefined));
    return this.#measuring;
  }

  /**
   * The answer tells that the offset lies between two bounds, as far apart as it was under way. An offset between
   * them is good; so a slow answer does not spoil what a quick one has told.
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
