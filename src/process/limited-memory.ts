// A cache limited in number and size.

/** Beyond a limit, the least recently used values are dropped. */
export class LimitedMemory<Value> {
  readonly #limit: number;
  readonly #sizeLimit: number;
  /** Least recently used first. */
  readonly #kept = new Map<string, { value: Value; size: number }>();
  #newest: string | undefined;
  #size = 0;

  /** @param sizeLimit of all values together; one that alone exceeds it is not kept */
  constructor(limit: number, sizeLimit: number) {
    this.#limit = limit;
    this.#sizeLimit = sizeLimit;
  }

  get count(): number {
    return this.#kept.size;
  }

  get size(): number {
    return this.#size;
  }

  get(key: string): Value | undefined {
    const found = this.#kept.get(key);
    if (found === undefined) return undefined;
    if (key !== this.#newest) {
      this.#kept.delete(key);
      this.#kept.set(key, found);
      this.#newest = key;
    }
    return found.value;
  }

  set(key: string, value: Value, size: number): void {
    const known = this.#kept.get(key);
    if (known !== undefined && key !== this.#newest) this.#kept.delete(key);
    this.#kept.set(key, { value, size });
    this.#newest = key;
    this.#size += size - (known?.size ?? 0);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= this.#limit && this.#size <= this.#sizeLimit) break;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    const found = this.#kept.get(key);
    if (found === undefined) return;
    this.#size -= found.size;
    this.#kept.delete(key);
  }

  clear(): void {
    this.#kept.clear();
    this.#size = 0;
  }
}
