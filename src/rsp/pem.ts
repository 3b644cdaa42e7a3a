// PEM (RFC 7468), which TLS and people's files need.
import type { KeyObject } from 'node:crypto';

/** @param der of the certificate */
export function certificatePem({ der }: { readonly der: Uint8Array }): string {
  return pem('CERTIFICATE', der);
}

/** @param der of the CertificationRequest */
export function certificateRequestPem(der: Uint8Array): string {
  return pem('CERTIFICATE REQUEST', der);
}

function pem(label: string, der: Uint8Array): string {
  // Split, not broken by an expression that would leave an empty line at the end of a full one, which OpenSSL refuses.
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

/** PKCS #8. */
export function privateKeyPem(privateKey: KeyObject): string {
  return privateKey.export({ type: 'pkcs8', format: 'pem' });
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** The certificates in a text, each still PEM. */
export const certificateBlocks = (text: string): string[] => text.match(CERTIFICATE) ?? [];
