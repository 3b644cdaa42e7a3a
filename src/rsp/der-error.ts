// The error of all decoding: which rule of DER (X.690) or of the message's definition was broken, and where.

/** Invalid bytes. `offset` counts from the start of the decoded bytes. */
export class DerError extends Error {
  override readonly name = 'DerError';
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(`${message} (at byte ${offset})`);
    this.offset = offset;
  }
}
