// What SQLite reports, and what that means to whoever runs the server.
import { AlreadyExists, StoreDamaged, StoreUnavailable } from './errors.ts';

const BUSY = 5;
const UNIQUE_VIOLATION = new Set([1555, 2067]);

/** https://sqlite.org/rescode.html: what is wrong, and what to do. The rest are mistakes of ours. */
const UNAVAILABLE: Record<number, string> = {
  3: 'this user may not use it; give it to the user that runs the server',
  [BUSY]: 'another process keeps it locked; end that process, or wait for it',
  6: 'another process keeps it locked; end that process, or wait for it',
  7: 'there is no memory left; give the server more',
  8: 'it can only be read; make the file and its folder writable for the user that runs the server',
  10: 'its disk cannot be read or written; look at the disk, its quota and the log of the system',
  13: 'its disk is full; free some space',
  14: 'it cannot be opened; it must be a file that the user that runs the server may read and write, in a folder that this user may write into',
  15: 'it cannot be locked; it must be on a disk of this machine, not of the network',
  22: 'the system knows no files so large',
};

const DAMAGED: Record<number, string> = {
  11: 'the file is damaged; stop the server, keep a copy of the file and restore a backup',
  26: 'it is not an SQLite database; restore a backup, or set SIMWRIGHT_DATA or SIMWRIGHT_DATABASE_URL to where the database is',
};

/** Another connection writes, or has locked everything. */
export function isBusy(error: unknown): boolean {
  return kindOf(error) === BUSY;
}

/** @param file path of the database file. @returns an error of `errors.ts`, or the same error */
export function translate(error: unknown, file: string): unknown {
  const code = errorCode(error);
  if (code === undefined) return error;
  if (UNIQUE_VIOLATION.has(code)) {
    return new AlreadyExists('A row with this key exists', { cause: error });
  }
  const kind = kindOf(error)!;
  const [problem, Kind] =
    kind in DAMAGED ? [DAMAGED[kind], StoreDamaged] : [UNAVAILABLE[kind], StoreUnavailable];
  if (problem === undefined) return error;
  const says = `SQLite says "${(error as Error).message}", code ${code}`;
  return new Kind(`The database ${file} cannot be used: ${problem} (${says})`, {
    brief: `The database cannot be used: ${problem}`,
    cause: error,
  });
}

function errorCode(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown } | null)?.errcode;
  return typeof code === 'number' ? code : undefined;
}

/** The low byte is the kind of failure, the rest its detail. */
function kindOf(error: unknown): number | undefined {
  const code = errorCode(error);
  return code === undefined ? undefined : code & 0xff;
}
