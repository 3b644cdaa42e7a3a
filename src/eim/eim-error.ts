// What an eIM refuses. The failure is stable; the message says what was expected and what came.

export const eimFailures = [
  /** The eUICC refused a function. */
  'refused',
  /** No such package can be made. */
  'package',
  /** The association has no counter value left. */
  'counter-exhausted',
  /** A result that is not that of the package: in the order of the checks. */
  'other-package',
  'other-eim',
  'signature',
  'counter',
  'eid',
  'results',
] as const;
export type EimFailure = (typeof eimFailures)[number];

export class EimError extends Error {
  override readonly name = 'EimError';
  readonly failure: EimFailure;

  constructor(failure: EimFailure, message: string) {
    super(message);
    this.failure = failure;
  }
}
