// Primitive values in ASN.1 value notation (X.680), short and safe for logs.

const SHOWN_OCTETS = 40;

/** `'A1B2'H`; long values are cut, with their length. */
export function hexNotation(bytes: Uint8Array): string {
  const shown = Buffer.from(bytes.subarray(0, SHOWN_OCTETS)).toString('hex').toUpperCase();
  return bytes.length <= SHOWN_OCTETS ? `'${shown}'H` : `'${shown}…'H -- ${bytes.length} octets --`;
}

/** `"text"`, with quotes doubled. Control characters, which could forge log lines, become U+FFFD. */
export function textNotation(text: string): string {
  return `"${text.replaceAll('"', '""').replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd')}"`;
}
