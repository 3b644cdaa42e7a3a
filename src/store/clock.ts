// The time shared by all users of a database. What they write, such as locks and deadlines, must not depend on the
// machine that wrote it.

export interface Clock {
  now(): Date;
  /** If the clock is not shared: from now on it is never before `date`. */
  notBefore(date: Date): void;
  /** Milliseconds by which the machine's clock was ahead at the last comparison; negative: behind. */
  readonly aheadMs: number;
  /** Compares it with the machine's clock, after asking the database if that has one. Throws `StoreUnavailable`. */
  compare(): Promise<void>;
}

/** The clocks of a machine, in milliseconds. */
export interface MachineClock {
  /** Since 1970, according to this machine; may be set forward or back. */
  wall: () => number;
  /** Since an arbitrary time, monotonic. May stop while the machine sleeps. */
  steady: () => number;
}

export const MACHINE: MachineClock = { wall: () => Date.now(), steady: () => performance.now() };

/**
 * The clock of a database used by one machine: the machine's. If that is set back, this one continues at half speed
 * until the machine's has caught up, so later events get later times, and no deadline moves far away.
 */
export class OwnClock implements Clock {
  readonly #machine: MachineClock;
  #last: number;
  #lastSteady: number;
  #aheadMs = 0;

  constructor(machine: MachineClock = MACHINE) {
    this.#machine = machine;
    this.#last = machine.wall();
    this.#lastSteady = machine.steady();
  }

  now(): Date {
    const steady = this.#machine.steady();
    this.#last = Math.max(this.#machine.wall(), this.#last + (steady - this.#lastSteady) / 2);
    this.#lastSteady = steady;
    return new Date(Math.floor(this.#last));
  }

  notBefore(date: Date): void {
    this.#last = Math.max(this.#last, date.getTime());
  }

  get aheadMs(): number {
    return this.#aheadMs;
  }

  async compare(): Promise<void> {
    this.#aheadMs = Math.round(this.#machine.wall() - this.now().getTime());
  }
}
