// Cache of parsed certificates: a device sends its own with every call of a download, and many devices share an
// EUM's.
import { parseCertificate } from '../../rsp/certificate.ts';
import { DerError } from '../../rsp/der-error.ts';
import type { Certificate } from '../../rsp/certificate.ts';

const parsed = new Map<string, Certificate>();
const LIMIT = 256;
/** Characters of base64; certificates of the GSMA PKI have about 900. */
const LENGTH_LIMIT = 8 * 1024;

/** Only parses; trust must be verified each time. Throws `DerError`, `VerifyError`. */
export function parsedCertificate(derB64: string): Certificate {
  const known = parsed.get(derB64);
  if (known !== undefined) return known;
  if (derB64.length > LENGTH_LIMIT) throw new DerError('a certificate that is too long', 0);
  const certificate = parseCertificate(Uint8Array.fromBase64(derB64));
  const [oldest] = parsed.keys();
  if (parsed.size >= LIMIT) parsed.delete(oldest!);
  parsed.set(derB64, certificate);
  return certificate;
}
