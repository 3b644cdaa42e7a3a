import { createReadStream } from 'node:fs';

/** The lines of a file, which is open while they are read, and no longer. Only a line feed ends one: JSON may have others in texts. */
export async function* linesOf(path: string): AsyncGenerator<string> {
  const input = createReadStream(path, 'utf8');
  const begun: string[] = [];
  const ended = (end: string) => (begun.splice(0).join('') + end).replace(/\r$/, '');
  try {
    for await (const piece of input as AsyncIterable<string>) {
      const [first = '', ...others] = piece.split('\n');
      const rest = others.pop();
      if (rest === undefined) {
        begun.push(first);
        continue;
      }
      yield ended(first);
      for (const line of others) yield ended(line);
      begun.push(rest);
    }
    const last = ended('');
    if (last !== '') yield last;
  } finally {
    input.destroy();
  }
}
