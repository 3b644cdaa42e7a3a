/** An operator, or a certificate of one, cannot be registered or found; the message says why. */
export class OperatorError extends Error {
  override name = 'OperatorError';
}
