/** The name that stands for all beyond the limit. */
export const OTHER = 'other';
const LONGEST = 100;

/** Values of a label: the first so many are told apart, so that nobody can make this process keep more. */
export class Bounded {
  readonly #most: number;
  readonly #known = new Set<string>();

  constructor(most: number) {
    this.#most = most;
  }

  name(value: string): string {
    const short = value.slice(0, LONGEST);
    if (this.#known.has(short)) return short;
    if (this.#known.size >= this.#most) return OTHER;
    this.#known.add(short);
    return short;
  }
}
