// The one error of decoding: which rule of DER (X.690) or of the message's definition was broken, and where.

/** Bytes that are not what they should be. `offset` counts from the start of the bytes given to decode. */
export class DerError extends Error {
  override readonly name = 'DerError';
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(`${message} (at byte ${offset})`);
    this.offset = offset;
  }
}
