// The time that all who use a database go by. What is written in it, locks and deadlines for one, must not depend on
// which machine has written it.

export interface Clock {
  now(): Date;
  /** Where nobody else goes by this clock: it is not before `date` from now on. */
  notBefore(date: Date): void;
  /** By how many milliseconds the machine's clock was ahead when they were compared last; negative: behind. */
  readonly aheadMs: number;
  /** Compares it with the machine's clock, having asked the database where that has one. Throws `StoreUnavailable`. */
  compare(): Promise<void>;
}

/** The clocks of a machine, in milliseconds. */
export interface MachineClock {
  /** Since 1970, as far as this machine knows; it may be set, forward and back. */
  wall: () => number;
  /** Since some time, evenly. While the machine sleeps it may stand still. */
  steady: () => number;
}

export const MACHINE: MachineClock = { wall: () => Date.now(), steady: () => performance.now() };

/**
 * The clock of a database that one machine uses: the machine's. When that is set back this one goes on, at half the
 * speed, until the other has caught up: so what comes later has a later time, and no deadline is far away.
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
