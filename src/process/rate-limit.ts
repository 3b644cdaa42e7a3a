// Limits what one caller may ask for, by time: a bucket of units for each, which fills evenly (GCRA). One number per caller.
import { LimitedMemory } from './limited-memory.ts';

export interface Rate {
  /** Of a caller that has taken none for a while. */
  units: number;
  /** In which as many come back. */
  perMs: number;
  /** Callers remembered; beyond that, those that have not called for longest are forgotten. */
  callers: number;
}

export class RateLimit {
  readonly #rate: Rate;
  readonly #steady: () => number;
  /** By caller: when all its units will be back. */
  readonly #full: LimitedMemory<number>;

  /** @param steady a monotonic clock, in milliseconds */
  constructor(rate: Rate, steady = () => performance.now()) {
    this.#rate = rate;
    this.#steady = steady;
    this.#full = new LimitedMemory(rate.callers, rate.callers);
  }

  /** @returns 0 if the units were taken; otherwise seconds after which they can be */
  take(caller: string, units: number): number {
    const now = this.#steady();
    const full = Math.max(now, this.#full.get(caller) ?? 0) + units * this.#unitMs;
    const waitMs = full - now - this.#rate.perMs;
    if (waitMs > 0) return Math.ceil(waitMs / 1000);
    this.#full.set(caller, full, 1);
    return 0;
  }

  /** @returns how many units the caller may take now, and when all of them are back */
  state(caller: string): { left: number; fullInMs: number } {
    const fullInMs = Math.max(0, (this.#full.get(caller) ?? 0) - this.#steady());
    const left = Math.floor((this.#rate.perMs - fullInMs) / this.#unitMs);
    return { left: Math.max(0, left), fullInMs };
  }

  giveBack(caller: string, units: number): void {
    const full = this.#full.get(caller);
    if (full !== undefined) this.#full.set(caller, full - units * this.#unitMs, 1);
  }

  get #unitMs(): number {
    return this.#rate.perMs / this.#rate.units;
  }
}
