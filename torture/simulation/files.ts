// The files of a database whose server has died, as the next one finds them.
import { copyFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import type { Random } from '../random.ts';
import type { LogContent } from './machine/disk.ts';

const HEAD = 32;

/** Of a log that is on the disk only in part. */
export interface PartialLog {
  /** What is certainly there, if anything. */
  synced: LogContent | undefined;
  /** How long the log was after each commit. */
  commits: readonly number[];
}

/**
 * Copies a database with its write-ahead log, whoever has them open. The lock and the index of the log belong to
 * processes, and end with them.
 * @param partial if the power was cut: what follows in the log is on the disk only as far as chance will have it
 * @returns how many commits are lost
 */
export function copyDatabase(
  from: string,
  to: string,
  partial: PartialLog | undefined,
  random: Random,
): number {
  copyFileSync(from, to);
  const log = `${from}-wal`;
  if (!existsSync(log)) return 0;
  if (partial === undefined) {
    copyFileSync(log, `${to}-wal`);
    return 0;
  }
  const { synced, commits } = partial;
  const { size } = statSync(log);
  const written = readFileSync(log);
  // A log that has begun anew was copied into the database first, which SQLite has synced.
  const isSame = written.subarray(0, HEAD).toString('hex') === synced?.head;
  const certain = isSame ? Math.min(synced.size, size) : 0;
  // Chance counts commits, not bytes: a signature is not always equally long, and the same seed must lose the same.
  const ends = [certain, ...commits.filter((end) => end > certain && end <= size)];
  const last = random.integer(0, ends.length - 1);
  const begun = ((ends[last + 1] ?? size) - ends[last]!) * (random.integer(0, 999) / 1_000);
  writeFileSync(`${to}-wal`, written.subarray(0, Math.floor(ends[last]! + begun)));
  return ends.length - 1 - last;
}
