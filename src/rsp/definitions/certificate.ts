// A certificate within a message (PKIX1Explicit88): kept as bytes, and shown in the log with its subject.
import { wholeTlv } from '../asn1-primitives.ts';
import { parseCertificate } from '../certificate.ts';
import { DerError } from '../der-error.ts';
import { formatName } from '../distinguished-name.ts';
import { hexNotation, textNotation } from '../notation.ts';
import { VerifyError } from '../verify-error.ts';

/** Certificate; the reader decides when to parse it. */
export const Certificate = wholeTlv(0x30, certificateNotation);

export function certificateNotation(der: Uint8Array): string {
  return `${hexNotation(der)} -- ${aboutCertificate(der)} --`;
}

function aboutCertificate(der: Uint8Array): string {
  try {
    const { subject, serialNumberHex } = parseCertificate(der);
    return `${textNotation(formatName(subject))}, serial number ${serialNumberHex}`;
  } catch (error) {
    if (!(error instanceof DerError || error instanceof VerifyError)) throw error;
    return error.message;
  }
}
