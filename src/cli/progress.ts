// A progress bar on a terminal; elsewhere nothing until the end.
const WIDTH = 30;
const EVERY_MS = 100;

export interface ProgressBar extends Disposable {
  /** @param done from 0 to 1 */
  show(title: string, done: number, count: number): void;
}

/** On stderr, so that what is printed stays apart. Disposing of it removes it. */
export function progressBar(): ProgressBar {
  const { stderr } = process;
  let last = 0;
  return {
    show(title, done, count) {
      if (!stderr.isTTY || Date.now() - last < EVERY_MS) return;
      last = Date.now();
      const full = Math.round(done * WIDTH);
      const bar = '#'.repeat(full) + '-'.repeat(WIDTH - full);
      const percent = String(Math.floor(done * 100)).padStart(3);
      stderr.write(`\r\u001B[K${title} [${bar}] ${percent} %  ${count.toLocaleString('en')}`);
    },
    [Symbol.dispose]() {
      if (last !== 0) stderr.write('\r\u001B[K');
    },
  };
}
