// A CRL as it comes: DER, or PEM.

const PEM = /-----BEGIN X509 CRL-----([\s\S]*?)-----END X509 CRL-----/g;

/** @returns the DER of each CRL in PEM; otherwise the content, whatever it is */
export function crlsIn(content: Uint8Array): Uint8Array[] {
  // DER begins with a SEQUENCE.
  if (content[0] === 0x30) return [Uint8Array.from(content)];
  const text = Buffer.from(content).toString('latin1');
  const found = Array.from(text.matchAll(PEM), ([, body]) =>
    Uint8Array.from(Buffer.from(body!, 'base64')),
  );
  return found.length === 0 ? [Uint8Array.from(content)] : found;
}
