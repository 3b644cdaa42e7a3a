// Chance that repeats: the same seed leads to the same choices.
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

export class Random {
  readonly #generator: ReturnType<typeof xoroshiro128plus>;

  constructor(seed: number) {
    this.#generator = xoroshiro128plus(scattered(seed));
    // Until the whole state depends on the seed, neighbouring seeds begin alike.
    for (let count = 0; count < 16; count++) this.#generator.next();
  }

  /** From `least` to `most`, both included. */
  integer(least: number, most: number): number {
    return uniformInt(this.#generator, least, most);
  }

  /** @param probability from 0 to 1 */
  chance(probability: number): boolean {
    return this.integer(0, 999_999) < probability * 1_000_000;
  }

  pick<T>(list: readonly T[]): T {
    if (list.length === 0) throw new RangeError('expected a list with something to pick from');
    return list[this.integer(0, list.length - 1)]!;
  }

  digits(count: number): string {
    return Array.from({ length: count }, () => this.integer(0, 9)).join('');
  }

  /** Another source of chance, so that how often one is asked does not change what the other answers. */
  fork(): Random {
    return new Random(this.integer(0, 0x7fff_ffff));
  }
}

/** Neighbouring seeds far apart: the finalizer of MurmurHash3. */
function scattered(seed: number): number {
  let bits = seed | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
