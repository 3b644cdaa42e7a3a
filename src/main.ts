// Entry of the command line.
import { CommanderError } from 'commander';
import { buildProgram } from './cli/program.ts';
import { ConfigError } from './config.ts';
import { UsageError, UserError } from './cli/user-error.ts';
import { SealError } from './process/keys.ts';
import { FileError } from './process/private-files.ts';
import { PkiError } from './smdp/pki/pki-certificate.ts';
import { StoreInUse, StoreMismatch, StoreUnavailable } from './store/errors.ts';

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

// Whoever reads our output may stop reading, as `head` does: then nobody misses the rest.
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
