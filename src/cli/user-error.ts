/** A command cannot do what it was asked for; the message says why and what to do. Exit code 1. */
export class UserError extends Error {
  override name = 'UserError';
}
