// Translates SQLite's errors for the operator.
import { AlreadyExists, StoreDamaged, StoreUnavailable } from './errors.ts';

const BUSY = 5;
const UNIQUE_VIOLATION = new Set([1555, 2067]);

/** By code (https://sqlite.org/rescode.html): what is wrong, and what to do. Any other code is a bug. */
const UNAVAILABLE: Record<number, string> = {
  3: 'permission denied; make it accessible to the user that runs the server',
  [BUSY]: 'another process has locked it; end that process, or wait for it',
  6: 'another process has locked it; end that process, or wait for it',
  7: 'out of memory; give the server more',
  8: 'it is read-only; make the file and its folder writable for the user that runs the server',
  10: 'disk I/O error; check the disk, its quota and the system log',
  13: 'its disk is full; free some space',
  14: 'it cannot be opened; the user that runs the server needs read and write access to the file and its folder',
  15: 'it cannot be locked; it must be on a local disk, not on the network',
  22: 'the file is too large for the system',
};

const DAMAGED: Record<number, string> = {
  11: 'the file is damaged; stop the server, keep a copy of the file and restore a backup',
  26: 'it is not an SQLite database; restore a backup, or correct SIMWRIGHT_DATA or SIMWRIGHT_DATABASE_URL',
};

/** Another connection is writing, or holds an exclusive lock. */
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
  const says = `SQLite: "${(error as Error).message}", code ${code}`;
  return new Kind(`The database ${file} cannot be used: ${problem} (${says})`, {
    brief: `The database cannot be used: ${problem}`,
    cause: error,
  });
}

function errorCode(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown } | null)?.errcode;
  return typeof code === 'number' ? code : undefined;
}

/** The low byte is the kind of failure, the rest details. */
function kindOf(error: unknown): number | undefined {
  const code = errorCode(error);
  return code === undefined ? undefined : code & 0xff;
}
