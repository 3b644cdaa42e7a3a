// Certificates and CRLs of operators and their CAs, as PEM with any number of blocks, or DER of one: with keys of any
// kind, unlike those of RSP.
import { X509Certificate } from 'node:crypto';
import type { Crl } from '../../rsp/crl.ts';
import { readOperatorCrl } from './operator-crl.ts';
import { OperatorError } from './operator-error.ts';

export interface OperatorFile {
  certificates: X509Certificate[];
  crls: { crl: Crl; der: Uint8Array }[];
}

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)-----END \1-----/g;

/** Keys in the file are not read. Throws `OperatorError`. */
export function readOperatorFile(content: Uint8Array): OperatorFile {
  const text = Buffer.from(content).toString('latin1');
  const file: OperatorFile = { certificates: [], crls: [] };
  const blocks = [...text.matchAll(BLOCK)];
  for (const [, label, body] of blocks) {
    const der = Buffer.from(body!, 'base64');
    if (label === 'CERTIFICATE') file.certificates.push(readCertificate(der));
    else if (label === 'X509 CRL') file.crls.push(toCrl(der));
  }
  if (blocks.length === 0) readDer(content, file);
  if (file.certificates.length + file.crls.length > 0) return file;
  throw new OperatorError('expected a certificate or a CRL; got none');
}

function readDer(content: Uint8Array, file: OperatorFile): void {
  try {
    file.certificates.push(readCertificate(content));
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    try {
      file.crls.push(toCrl(content));
    } catch {
      throw error;
    }
  }
}

function toCrl(der: Uint8Array) {
  return { crl: readOperatorCrl(Uint8Array.from(der)), der };
}

function readCertificate(der: Uint8Array): X509Certificate {
  try {
    return new X509Certificate(der);
  } catch (cause) {
    throw new OperatorError('expected a certificate or a CRL, as PEM or DER; got something else', {
      cause,
    });
  }
}

/** SHA-256, upper-case hex. */
export function fingerprintOf({ fingerprint256 }: X509Certificate): string {
  return fingerprint256.replaceAll(':', '');
}

export function toBase64({ raw }: X509Certificate): string {
  return raw.toString('base64');
}

/** The common name of a certificate, or all of its subject on one line. */
export function subjectOf({ subject }: X509Certificate): string {
  return /^CN=(.*)$/m.exec(subject)?.[1] ?? subject.replaceAll('\n', ', ');
}
