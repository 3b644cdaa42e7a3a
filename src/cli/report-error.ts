// How a command that has failed says so.
import { inspect } from 'node:util';
import { ConfigError } from '../config.ts';
import { SealError } from '../process/keys.ts';
import { FileError } from '../process/private-files.ts';
import { OperatorError } from '../smdp/operators/operator-error.ts';
import { PkiError } from '../smdp/pki/pki-certificate.ts';
import { RotationError } from '../rotation/rotation-error.ts';
import { SecretError } from '../process/secret-source.ts';
import { StoreInUse, StoreMismatch, StoreUnavailable } from '../store/errors.ts';
import { TransferError } from '../transfer/transfer-error.ts';
import { UserError } from './user-error.ts';

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
  OperatorError,
  TransferError,
  RotationError,
  SecretError,
];

/** Also what the operating system refuses: a full disk, a file that may not be read. */
function isExpected(error: unknown): error is Error {
  return (
    EXPECTED.some((kind) => error instanceof kind) || (error instanceof Error && 'syscall' in error)
  );
}

export function reportError(error: unknown): void {
  const message = isExpected(error) ? `simwright: ${error.message}` : inspect(error);
  process.stderr.write(`${message}\n`);
}
