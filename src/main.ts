// Entry point of the command line.
import { CommanderError } from 'commander';
import { buildProgram } from './cli/program.ts';
import { ConfigError } from './config.ts';
import { UsageError, UserError } from './cli/user-error.ts';
import { SealError } from './process/keys.ts';
import { FileError } from './process/private-files.ts';
import { PkiError } from './smdp/pki/pki-certificate.ts';
import { StoreInUse, StoreMismatch, StoreUnavailable } from './store/errors.ts';

/** Errors that the user can act on: the message alone is printed, without a stack trace. */
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

/** Errors of the operating system count too: a full disk, a file without read permission. */
function isExpected(error: unknown): error is Error {
  return (
    EXPECTED.some((kind) => error instanceof kind) || (error instanceof Error && 'syscall' in error)
  );
}

/** Exit code for a command line that cannot be parsed. */
const USAGE = 2;

// A reader such as `head` may close the pipe early; that is not an error.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
}

try {
  await buildProgram().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : USAGE;
  } else {
    console.error(isExpected(error) ? `simwright: ${error.message}` : error);
    process.exitCode = error instanceof UsageError ? USAGE : 1;
  }
}
