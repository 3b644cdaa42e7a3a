/** The rotation cannot begin, or go on, for a reason that its message gives. */
export class RotationError extends Error {
  override name = 'RotationError';
}
