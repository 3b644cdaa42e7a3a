// The files of a database whose server has died, as the next one finds them.
import { copyFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import type { Random } from '../random.ts';
import type { LogContent } from './machine/disk.ts';

const HEAD = 32;

/**
 * Copies a database with its write-ahead log, whoever has them open. The lock and the index of the log belong to
 * processes, and end with them.
 * @param synced if the power was cut: what follows in the log is on the disk only as far as chance will have it
 * @returns how many bytes are lost
 */
export function copyDatabase(
  from: string,
  to: string,
  synced: LogContent | undefined,
  random: Random,
): number {
  copyFileSync(from, to);
  const log = `${from}-wal`;
  if (!existsSync(log)) return 0;
  if (synced === undefined) {
    copyFileSync(log, `${to}-wal`);
    return 0;
  }
  const { size } = statSync(log);
  const written = readFileSync(log);
  // A log that has begun anew was copied into the database first, which SQLite has synced.
  const isSame = written.subarray(0, HEAD).toString('hex') === synced.head;
  const kept = random.integer(isSame ? Math.min(synced.size, size) : 0, size);
  writeFileSync(`${to}-wal`, written.subarray(0, kept));
  return size - kept;
}
