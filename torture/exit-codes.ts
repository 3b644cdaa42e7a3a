// What a trial ends with.

export const FOUND = 1;
/** It could not be run, or not to its end. */
export const TROUBLE = 2;

/** Why a trial cannot be run: what was expected, and what was found. */
export class CannotRun extends Error {
  override name = 'CannotRun';
}
