// Progress of long work: a bar on a terminal, elsewhere a line from time to time.
const BAR = 30;
const EVERY_MS = 100;
const LINE_EVERY_MS = 10_000;
/** Space for the rest of the line: brackets, percentage, count. */
const AROUND_BAR = 25;

export interface ProgressBar extends Disposable {
  /** @param done from 0 to 1; undefined if nobody knows how much there is. @param note behind it */
  show(title: string, done: number | undefined, count: number, note?: string): void;
}

type Stream = Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>;

/** Written to stderr, apart from the output. Disposing of it removes the bar. */
export function progressBar(
  stream: Stream = process.stderr,
  now = () => performance.now(),
): ProgressBar {
  let last = stream.isTTY ? -Infinity : now();
  let drawn = false;
  return {
    show(title, done, count, note = '') {
      if (now() - last < (stream.isTTY ? EVERY_MS : LINE_EVERY_MS)) return;
      last = now();
      const counted = `${count.toLocaleString('en')}${note && `, ${note}`}`;
      if (done === undefined) {
        drawn = stream.isTTY;
        stream.write(stream.isTTY ? `\r\u001B[K${title} ${counted}` : `${title}: ${counted}\n`);
        return;
      }
      const percent = `${String(Math.floor(done * 100)).padStart(3)} %`;
      if (!stream.isTTY) {
        stream.write(`${title.trimEnd()}: ${percent.trimStart()}, ${counted}\n`);
        return;
      }
      drawn = true;
      const width = Math.max(
        0,
        Math.min(BAR, stream.columns - title.length - note.length - AROUND_BAR),
      );
      const bar = '#'.repeat(Math.round(done * width)).padEnd(width, '-');
      stream.write(`\r\u001B[K${title} ${width > 0 ? `[${bar}] ` : ''}${percent}  ${counted}`);
    },
    [Symbol.dispose]() {
      if (drawn) stream.write('\r\u001B[K');
    },
  };
}
