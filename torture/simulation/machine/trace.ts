// What happened in a run, in order.
import { createHash } from 'node:crypto';

export class Trace {
  readonly lines: string[] = [];
  readonly #digest = createHash('sha256');
  readonly #isDetailed: boolean;

  /** @param isDetailed whether it keeps each statement too */
  constructor(isDetailed = false) {
    this.#isDetailed = isDetailed;
  }

  /** @param elapsed milliseconds since the beginning of the run */
  add(elapsed: number, who: string, what: string): void {
    const line = lineOf(elapsed, who, what);
    this.#digest.update(line);
    this.lines.push(line);
  }

  /** What is only worth reading when it comes to details. */
  addDetail(elapsed: number, who: string, what: string): void {
    const line = lineOf(elapsed, who, what);
    this.#digest.update(line);
    if (this.#isDetailed) this.lines.push(line);
  }

  /** The same for two runs in which the same happened, details included. */
  digest(): string {
    return this.#digest.copy().digest('hex');
  }
}

function lineOf(elapsed: number, who: string, what: string): string {
  return `${(elapsed / 1_000).toFixed(6).padStart(12)} s  ${who.padEnd(14)} ${what}`;
}
