// Certificates that were parsed: a device's comes in every call of its download, its EUM's with many devices.
import { parseCertificate } from '../rsp/certificate.ts';
import type { Certificate } from '../rsp/certificate.ts';

const parsed = new Map<string, Certificate>();
const LIMIT = 256;

/** Parsed only: whether it is to be trusted is judged anew. Throws `DerError`, `VerifyError`. */
export function parsedCertificate(derB64: string): Certificate {
  const known = parsed.get(derB64);
  if (known !== undefined) return known;
  const certificate = parseCertificate(Uint8Array.fromBase64(derB64));
  const [oldest] = parsed.keys();
  if (parsed.size >= LIMIT) parsed.delete(oldest!);
  parsed.set(derB64, certificate);
  return certificate;
}
