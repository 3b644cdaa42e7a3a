// A CRL as it comes: DER, or PEM.

const BEGIN = '-----BEGIN X509 CRL-----';
const END = '-----END X509 CRL-----';

/** @returns the DER of each CRL in PEM; otherwise the content, whatever it is */
export function crlsIn(content: Uint8Array): Uint8Array[] {
  // DER begins with a SEQUENCE.
  if (content[0] === 0x30) return [Uint8Array.from(content)];
  const found = [...bodiesOf(Buffer.from(content).toString('latin1'))];
  return found.length === 0 ? [Uint8Array.from(content)] : found;
}

/** In one pass: a pattern would search the whole rest again for each beginning that has no end. */
function* bodiesOf(text: string): Iterable<Uint8Array> {
  for (let at = text.indexOf(BEGIN); at !== -1; at = text.indexOf(BEGIN, at)) {
    const end = text.indexOf(END, at);
    if (end === -1) return;
    yield Uint8Array.from(Buffer.from(text.slice(at + BEGIN.length, end), 'base64'));
    at = end + END.length;
  }
}
