import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';

/** The lines of a file, which is open while they are read, and no longer. */
export async function* linesOf(path: string): AsyncGenerator<string> {
  const input = createReadStream(path, 'utf8');
  try {
    yield* createInterface({ input, crlfDelay: Infinity });
  } finally {
    input.destroy();
  }
}
