// Entry of the command line.
import { CommanderError } from 'commander';
import { buildProgram } from './cli/program.ts';
import { ConfigError } from './config.ts';
import { UserError } from './cli/user-error.ts';
import { SealError } from './keys.ts';
import { StoreMismatch, StoreUnavailable } from './store/errors.ts';

/** Errors that a person can do something about: their message says what. */
const EXPECTED = [UserError, ConfigError, SealError, StoreMismatch, StoreUnavailable];

try {
  await buildProgram().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode;
  } else {
    const expected = EXPECTED.some((kind) => error instanceof kind);
    console.error(expected ? `simwright: ${(error as Error).message}` : error);
    process.exitCode = 1;
  }
}
