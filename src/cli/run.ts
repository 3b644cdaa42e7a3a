// A command line from its words to its exit code.
import { inspect } from 'node:util';
import { CommanderError } from 'commander';
import { ConfigError } from '../config.ts';
import { SealError } from '../process/keys.ts';
import { FileError } from '../process/private-files.ts';
import { PkiError } from '../smdp/pki/pki-certificate.ts';
import { StoreInUse, StoreMismatch, StoreUnavailable } from '../store/errors.ts';
import { buildProgram } from './program.ts';
import { EndWith, UsageError, UserError } from './user-error.ts';

/** Errors that a person can do something about: their message says what. */
const EXPECTED = [
  UserError,
  ConfigError,
  FileError,
  SealError,
  StoreInUse,
  StoreMismatch,
  StoreUnavailable,
  PkiError,
];

/** Also what the operating system refuses: a full disk, a file that may not be read. */
function isExpected(error: unknown): error is Error {
  return (
    EXPECTED.some((kind) => error instanceof kind) || (error instanceof Error && 'syscall' in error)
  );
}

/** A command line that cannot be understood. */
const USAGE = 2;

/**
 * @param words what stands behind the name of the program
 * @returns the exit code, when the command is done
 */
export async function runCommand(words: string[]): Promise<number> {
  try {
    await buildProgram().parseAsync(words, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof EndWith) return error.exitCode;
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
    const message = isExpected(error) ? `simwright: ${error.message}` : inspect(error);
    process.stderr.write(`${message}\n`);
    return error instanceof UsageError ? USAGE : 1;
  }
}
