// Syncs SQLite's write-ahead log to disk without blocking the process.
import {
  closeSync,
  fdatasync,
  fstatSync,
  openSync,
  readSync,
  realpathSync,
  statSync,
  writeSync,
} from 'node:fs';
import { promisify } from 'node:util';
import { StoreUnavailable } from './errors.ts';

/** Bytes that are read and written at once. */
const CHUNK = 1024 * 1024;

export interface WriteAheadLog {
  /** When the promise resolves, everything committed before the call is on disk. Throws `StoreUnavailable`. */
  toDisk(): Promise<void>;
  /**
   * Writes all of it again, as the system shows it, and then to disk: what could not be written once is not tried again
   * by the system. The caller keeps others from adding to it. Throws `StoreUnavailable`.
   */
  rewrite(): Promise<void>;
  isEmpty(): boolean;
  bytes(): number;
  /** Throws `StoreUnavailable` if the log file was moved, removed or replaced. */
  check(): void;
  close(): void;
}

/**
 * With `synchronous = normal`, SQLite writes a commit to the log and leaves syncing to the caller; with `full` it
 * would sync itself, and block everything else meanwhile.
 * @param file path of the database file, which exists
 */
export function openWriteAheadLog(file: string): WriteAheadLog {
  // SQLite follows a symbolic link first.
  const logFile = `${realpathSync(file)}-wal`;
  const sync = promisify(fdatasync);
  let handle: number | undefined;
  let written: number | undefined;

  const bytes = () => statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;

  /** The file exists from the first commit until the database is closed. */
  function open(): number {
    handle ??= openSync(logFile, 'r+');
    written ??= fstatSync(handle).ino;
    return handle;
  }

  async function onDisk(write: (log: number) => void): Promise<void> {
    try {
      const log = open();
      write(log);
      await sync(log);
    } catch (cause) {
      const { message } = cause as Error;
      const problem =
        'cannot be used: writes do not reach the disk; check the disk, its quota and the system log';
      throw new StoreUnavailable(`The database ${file} ${problem} (${message})`, {
        brief: `The database ${problem}`,
        cause,
      });
    }
  }

  return {
    toDisk: () => onDisk(() => {}),
    rewrite: () => onDisk(writeAgain),
    isEmpty: () => bytes() === 0,
    bytes,
    check() {
      if (written === undefined) return;
      if (statSync(logFile, { throwIfNoEntry: false })?.ino === written) return;
      const problem =
        'was moved, removed or replaced while the server was running; run no other command, and restart the server';
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

function writeAgain(log: number): void {
  const chunk = Buffer.alloc(CHUNK);
  const { size } = fstatSync(log);
  for (let at = 0; at < size;) {
    const length = readSync(log, chunk, 0, Math.min(CHUNK, size - at), at);
    if (length === 0) return;
    for (let done = 0; done < length;) {
      done += writeSync(log, chunk, done, length - done, at + done);
    }
    at += length;
  }
}
