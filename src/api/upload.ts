// An uploaded file, kept on disk without a name while it is processed.
import { mkdtemp, open, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { ApiError } from './api-error.ts';

const MIB = 1024 * 1024;

/**
 * @param limit bytes
 * @returns an open file that disappears when it is closed, or when the process dies. Throws `ApiError` 413.
 */
export async function receiveUpload(upload: Readable, limit: number): Promise<FileHandle> {
  const file = await openNameless();
  try {
    await receive(upload, limit, file);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function receive(upload: Readable, limit: number, file: FileHandle): Promise<void> {
  let size = 0;
  try {
    // Destroying the request would close the connection before the response.
    for await (const bytes of upload.iterator({ destroyOnReturn: false })) {
      size += (bytes as Buffer).length;
      if (size > limit) break;
      await file.appendFile(bytes as Buffer);
    }
  } catch (error) {
    if (upload.errored === null) {
      // The client reads the response only after it has sent everything.
      upload.resume();
      throw error;
    }
    throw new ApiError('invalidParameter', 'The file was not received completely');
  }
  if (size <= limit) return;
  upload.resume();
  throw new ApiError(
    'bodyTooLarge',
    `The file is too large; at most ${limit / MIB} MiB are accepted`,
  );
}

async function openNameless(): Promise<FileHandle> {
  const folder = await mkdtemp(join(tmpdir(), 'simwright-'));
  try {
    return await open(join(folder, 'upload'), 'wx+', 0o600);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
