/** A transfer cannot begin or go on. The message says why, and what can be done. */
export class TransferError extends Error {
  override name = 'TransferError';
}
