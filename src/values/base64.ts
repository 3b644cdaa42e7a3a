/** Of a column or member that may have none. */
export const bytesOf = (base64: string | null | undefined): Uint8Array | undefined =>
  base64 === null || base64 === undefined ? undefined : Uint8Array.fromBase64(base64);
