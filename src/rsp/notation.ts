// The leaves of ASN.1 value notation (X.680), kept short and safe for a log.

const SHOWN_OCTETS = 40;

/** `'A1B2'H`; of a long value the beginning and the length. */
export function hexNotation(bytes: Uint8Array): string {
  const shown = Buffer.from(bytes.subarray(0, SHOWN_OCTETS)).toString('hex').toUpperCase();
  return bytes.length <= SHOWN_OCTETS ? `'${shown}'H` : `'${shown}…'H -- ${bytes.length} octets --`;
}

/** `"text"`, its quotes doubled; control characters, which could forge log lines, become U+FFFD. */
export function textNotation(text: string): string {
  return `"${text.replaceAll('"', '""').replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd')}"`;
}
