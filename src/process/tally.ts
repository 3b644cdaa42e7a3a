// How many there are of each now, such as requests of each account.

/** Keys of which there are none, and that are kept nevertheless. */
const KEPT = 1_000;

/**
 * A key of which there are none any more stays. A Map whose last key goes is given a new table, and a table that V8 holds to
 * be old keeps all later ones alive, and what they name, until the whole heap is collected.
 */
export class Tally {
  readonly #counts = new Map<string, number>();
  #most = KEPT;

  of(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  add(key: string): void {
    const count = this.#counts.get(key);
    if (count === undefined && this.#counts.size >= this.#most) this.#forgetNone();
    this.#counts.set(key, (count ?? 0) + 1);
  }

  remove(key: string): void {
    this.#counts.set(key, this.of(key) - 1);
  }

  #forgetNone(): void {
    for (const [key, count] of this.#counts) if (count === 0) this.#counts.delete(key);
    this.#most = Math.max(KEPT, 2 * this.#counts.size);
  }
}
