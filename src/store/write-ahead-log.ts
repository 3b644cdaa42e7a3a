// SQLite's write-ahead log, brought to disk without holding up whoever does something else meanwhile.
import { closeSync, fdatasync, fstatSync, openSync, statSync } from 'node:fs';
import { promisify } from 'node:util';
import { StoreUnavailable } from './errors.ts';

const sync = promisify(fdatasync);

export interface WriteAheadLog {
  /** What was committed before is on disk when the promise resolves. Throws `StoreUnavailable`. */
  toDisk(): Promise<void>;
  /** Throws `StoreUnavailable` when the log that is written has no longer its name. */
  check(): void;
  close(): void;
}

/**
 * With `synchronous = normal` SQLite writes a commit into the log and leaves it to the caller to wait
 * for the disk; with `full` it would wait itself, and all else with it.
 * @param file path of the database file
 */
export function openWriteAheadLog(file: string): WriteAheadLog {
  const logFile = `${file}-wal`;
  let handle: number | undefined;
  let written: number | undefined;
  return {
    async toDisk() {
      try {
        // It is there with the first commit, and stays as long as the database is open.
        handle ??= openSync(logFile, 'r+');
        written ??= fstatSync(handle).ino;
        await sync(handle);
      } catch (cause) {
        const { message } = cause as Error;
        const problem =
          'cannot be used: what was written does not reach the disk; look at the disk, its quota and the log of the system';
        throw new StoreUnavailable(`The database ${file} ${problem} (${message})`, {
          brief: `The database ${problem}`,
          cause,
        });
      }
    },
    check() {
      if (written === undefined) return;
      if (statSync(logFile, { throwIfNoEntry: false })?.ino === written) return;
      const problem =
        'was moved away, removed or replaced while the server runs; run no other command, stop the server and start it again';
      throw new StoreUnavailable(`The log of the database, ${logFile}, ${problem}`, {
        brief: `The log of the database ${problem}`,
      });
    },
    close() {
      if (handle !== undefined) closeSync(handle);
      handle = undefined;
    },
  };
}
