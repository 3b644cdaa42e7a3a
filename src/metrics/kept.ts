/** What no answer has come to for so long has failed. */
const ANSWER_LIMIT_MS = 15_000;

/** Something that is read when it is asked for, by one reader at a time, and kept for a while. */
export class Kept<Value> {
  readonly #read: () => Promise<Value>;
  readonly #keptMs: (tookMs: number) => number;
  #reading: Promise<void> | undefined;
  #readAgainAt = -Infinity;
  /** As last read. */
  value: Value | undefined;
  /** Why it could not be read the last time. */
  error: Error | undefined;

  /** @param keptMs for how long, by the time that reading took */
  constructor(read: () => Promise<Value>, keptMs: (tookMs: number) => number) {
    this.#read = read;
    this.#keptMs = keptMs;
  }

  /** Resolves when it is read, or has been not long ago. Never rejects. */
  async renew(): Promise<void> {
    if (this.#reading === undefined && performance.now() < this.#readAgainAt) return;
    this.#reading ??= this.#readOnce().finally(() => {
      this.#reading = undefined;
    });
    await this.#reading;
  }

  async #readOnce(): Promise<void> {
    const started = performance.now();
    const slow = setTimeout(() => {
      this.error = new Error(`There was no answer within ${ANSWER_LIMIT_MS / 1_000} seconds`);
    }, ANSWER_LIMIT_MS);
    try {
      this.value = await this.#read();
      this.error = undefined;
    } catch (error) {
      this.error = error as Error;
    } finally {
      clearTimeout(slow);
    }
    const ended = performance.now();
    this.#readAgainAt = ended + this.#keptMs(ended - started);
  }
}
