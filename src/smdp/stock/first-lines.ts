// Finds duplicate numbers among millions in a file, with little memory: 12 bytes per slot.

const GOLDEN = 0x9e3779b97f4a7c15n;

/** Stores the line on which a number first appeared, in an open-addressed table that is at most half full. */
export class FirstLines {
  #numbers = new BigUint64Array(1024);
  /** 0: the slot is free. */
  #lines = new Uint32Array(1024);
  #count = 0;

  /**
   * @param number below 2^64
   * @param line from 1
   * @returns the line on which it appeared before, if any
   */
  add(number: bigint, line: number): number | undefined {
    if (this.#count * 2 >= this.#lines.length) this.#grow();
    const slot = this.#slotOf(number);
    const first = this.#lines[slot]!;
    if (first !== 0) return first;
    this.#numbers[slot] = number;
    this.#lines[slot] = line;
    this.#count++;
    return undefined;
  }

  /** The slot of the number, or the free slot for it. */
  #slotOf(number: bigint): number {
    const mask = this.#lines.length - 1;
    // The high half of the product is the well-mixed one.
    let slot = Number(BigInt.asUintN(64, number * GOLDEN) >> 32n) & mask;
    while (this.#lines[slot] !== 0 && this.#numbers[slot] !== number) slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const numbers = this.#numbers;
    const lines = this.#lines;
    this.#numbers = new BigUint64Array(lines.length * 2);
    this.#lines = new Uint32Array(lines.length * 2);
    for (const [index, line] of lines.entries()) {
      if (line === 0) continue;
      const slot = this.#slotOf(numbers[index]!);
      this.#numbers[slot] = numbers[index]!;
      this.#lines[slot] = line;
    }
  }
}
