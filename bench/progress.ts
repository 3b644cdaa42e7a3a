// How far something long is: on a terminal a line that is overwritten, elsewhere one for each tenth of the work.
const BAR_LENGTH = 24;
const EVERY_MS = 200;
const TOLD_EVERY_MS = 20_000;

export class Progress {
  readonly #what: string;
  readonly #started = performance.now();
  #shown = -Infinity;
  #tenths = 0;

  constructor(what: string) {
    this.#what = what;
  }

  /** @param share of the work that is done, from 0 to 1 */
  show(share: number, detail: string): void {
    const now = performance.now();
    const elapsed = (now - this.#started) / 1_000;
    const left = share > 0 ? elapsed / share - elapsed : Infinity;
    const text = `${this.#what} ${bar(share)} ${(share * 100).toFixed(1)} %, ${detail}, ${time(left)} left`;
    if (process.stderr.isTTY) {
      if (now < this.#shown + EVERY_MS) return;
      this.#shown = now;
      progress(text);
    } else if (Math.floor(share * 10) > this.#tenths) {
      this.#tenths = Math.floor(share * 10);
      console.error(text);
    }
  }

  end(text: string): void {
    progress('');
    console.error(`${text} in ${time((performance.now() - this.#started) / 1_000)}`);
  }
}

let toldAt = -Infinity;

/** A line that is overwritten, on a terminal; elsewhere a line now and then. */
export function progress(text: string): void {
  if (process.stderr.isTTY) {
    process.stderr.write(`\r\u001b[2K${text}`);
  } else if (text !== '' && performance.now() >= toldAt + TOLD_EVERY_MS) {
    toldAt = performance.now();
    console.error(text);
  }
}

function bar(share: number): string {
  const full = Math.round(share * BAR_LENGTH);
  return `[${'#'.repeat(full)}${'.'.repeat(BAR_LENGTH - full)}]`;
}

function time(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?';
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
