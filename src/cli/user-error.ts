/** A command cannot do what was asked; the message says why and what to do. Exit code 1. */
export class UserError extends Error {
  override name = 'UserError';
}

/** The command line is invalid: options that exclude each other, or are missing. Exit code 2. */
export class UsageError extends UserError {
  override name = 'UsageError';
}

/** A command that has said all, and ends with this exit code. */
export class EndWith extends Error {
  override name = 'EndWith';
  readonly exitCode: number;
  constructor(exitCode: number) {
    super(`exit code ${exitCode}`);
    this.exitCode = exitCode;
  }
}
