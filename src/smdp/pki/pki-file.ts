// Reads files of certificates, keys and CRLs: PEM with any number of blocks, or DER of one object.
import type { KeyObject } from 'node:crypto';
import { createPrivateKey } from 'node:crypto';
import type { Certificate } from '../../rsp/certificate.ts';
import { parseCertificate } from '../../rsp/certificate.ts';
import type { Crl } from '../../rsp/crl.ts';
import { parseCrl } from '../../rsp/crl.ts';
import { DerError } from '../../rsp/der-error.ts';
import { VerifyError } from '../../rsp/verify-error.ts';
import { PkiError } from './pki-certificate.ts';

export type PkiFileItem =
  | { kind: 'certificate'; certificate: Certificate }
  | { kind: 'key'; privateKey: KeyObject }
  | { kind: 'crl'; crl: Crl; der: Uint8Array };

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----([\s\S]*?)-----END \1-----/g;

/** Throws `PkiError`, whose message reveals nothing about keys. */
export function readPkiFile(content: Uint8Array): PkiFileItem[] {
  const text = Buffer.from(content).toString('latin1');
  const blocks = Array.from(text.matchAll(BLOCK), ([pem, label, body]) => ({
    pem,
    label: label!,
    der: Buffer.from(body!, 'base64'),
  }));
  const items =
    blocks.length > 0
      ? blocks.flatMap(({ pem, label, der }) => readBlock(label, pem, der))
      : [readDerItem(content)];
  if (items.length > 0) return items;
  throw new PkiError('expected a certificate, a private key or a CRL; got none');
}

function readBlock(label: string, pem: string, der: Uint8Array): PkiFileItem[] {
  switch (label) {
    case 'CERTIFICATE':
      return [readCertificate(der)];
    case 'X509 CRL':
      return [readCrl(der)];
    case 'PRIVATE KEY':
    case 'EC PRIVATE KEY':
      return [readKey(() => createPrivateKey(pem))];
    case 'ENCRYPTED PRIVATE KEY':
      throw new PkiError('expected a private key without a passphrase; got an encrypted one');
    // Redundant companions of keys.
    case 'EC PARAMETERS':
    case 'PUBLIC KEY':
      return [];
    default:
      throw new PkiError(`expected a certificate, a private key or a CRL; got ${label}`);
  }
}

function readDerItem(der: Uint8Array): PkiFileItem {
  const key = Buffer.from(der);
  const readers = [
    () => readCertificate(der),
    () => readCrl(der),
    () => readKey(() => createPrivateKey({ key, format: 'der', type: 'pkcs8' })),
    () => readKey(() => createPrivateKey({ key, format: 'der', type: 'sec1' })),
  ];
  for (const read of readers) {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof PkiError)) throw error;
      // It is a certificate, but not supported by RSP.
      if (error.cause instanceof VerifyError) throw error;
    }
  }
  throw new PkiError('expected PEM, or DER of a certificate, a private key or a CRL');
}

function readCertificate(der: Uint8Array): PkiFileItem {
  return inWords('certificate', () => ({
    kind: 'certificate',
    certificate: parseCertificate(Uint8Array.from(der)),
  }));
}

function readCrl(der: Uint8Array): PkiFileItem {
  return inWords('CRL', () => ({ kind: 'crl', crl: parseCrl(Uint8Array.from(der)), der }));
}

function inWords(what: string, read: () => PkiFileItem): PkiFileItem {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof DerError || cause instanceof VerifyError)) throw cause;
    throw new PkiError(`expected a ${what} of RSP; got another: ${cause.message}`, { cause });
  }
}

function readKey(create: () => KeyObject): PkiFileItem {
  let privateKey: KeyObject;
  try {
    privateKey = create();
  } catch {
    throw new PkiError('expected a private key; got something else');
  }
  if (privateKey.asymmetricKeyType === 'ec') return { kind: 'key', privateKey };
  throw new PkiError(`expected an EC private key; got ${privateKey.asymmetricKeyType}`);
}
