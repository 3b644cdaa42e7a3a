import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { UserError } from './user-error.ts';

/**
 * Writes the whole file or leaves the old one, readable by its owner only, because anyone with an activation code can
 * download the profile. A device or a pipe is written to directly.
 * @throws {UserError} when it cannot be written
 */
export async function writeWhole(
  file: string,
  pieces: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>,
): Promise<void> {
  const there = await stat(file).catch(() => undefined);
  const isPlain = there?.isFile() ?? true;
  const draft = isPlain ? `${file}.part` : file;
  let failure: { cause: unknown } | undefined;
  async function* read(): AsyncGenerator<string | Uint8Array> {
    try {
      yield* pieces;
    } catch (cause) {
      failure = { cause };
    }
  }
  try {
    await pipeline(read(), createWriteStream(draft, { mode: 0o600 }));
    if (failure !== undefined) throw failure.cause;
    if (isPlain) await rename(draft, file);
  } catch (cause) {
    if (isPlain) await rm(draft, { force: true });
    if (failure !== undefined) throw failure.cause;
    throw new UserError(`${file} cannot be written: ${(cause as Error).message}`, { cause });
  }
}
