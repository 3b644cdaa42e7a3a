// A cache for values likely to be needed again soon, but too secret or too large to keep for longer.

export class ShortMemory<Value> {
  readonly #lifetimeMs: number;
  readonly #limit: number;
  readonly #steady: () => number;
  /** Oldest first. */
  readonly #kept = new Map<string, { value: Value; until: number }>();
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param limit number of values; beyond it the oldest is dropped
   * @param steady a monotonic clock, in milliseconds
   */
  constructor(lifetimeMs: number, limit: number, steady = () => performance.now()) {
    this.#lifetimeMs = lifetimeMs;
    this.#limit = limit;
    this.#steady = steady;
  }

  get(key: string): Value | undefined {
    return this.#kept.get(key)?.value;
  }

  set(key: string, value: Value): void {
    this.#kept.delete(key);
    this.#kept.set(key, { value, until: this.#steady() + this.#lifetimeMs });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > this.#limit) this.#kept.delete(oldest!);
    if (this.#timer === undefined) this.#forgetLater();
  }

  delete(key: string): void {
    this.#kept.delete(key);
  }

  #forgetLater(): void {
    const forget = () => {
      for (const [key, { until }] of this.#kept)
        if (until <= this.#steady()) this.#kept.delete(key);
      this.#timer = undefined;
      if (this.#kept.size > 0) this.#forgetLater();
    };
    this.#timer = setTimeout(forget, this.#lifetimeMs).unref();
  }
}
