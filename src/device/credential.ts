// An eUICC's signing credential: its key, its certificate and the EUM's.
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { parseCertificate } from '../rsp/certificate.ts';
import { createSigner, type Signer } from '../rsp/signature.ts';

/** DER of the two certificates above an eUICC's key. */
export interface CertificateBytes {
  readonly euiccCertificate: Uint8Array;
  readonly eumCertificate: Uint8Array;
}

/** A synchronous signer. */
interface LocalSigner extends Signer {
  sign(bytes: Uint8Array): Uint8Array;
}

export interface Credential extends CertificateBytes {
  readonly privateKey: KeyObject;
  readonly signer: LocalSigner;
  /** The CI that certified the EUM. */
  readonly ciPKId: Uint8Array;
}

export function createCredential(
  privateKey: KeyObject,
  certificates: CertificateBytes,
): Credential {
  const { authorityKeyIdentifier } = parseCertificate(certificates.eumCertificate).extensions;
  if (authorityKeyIdentifier === undefined) throw new RangeError('the EUM certificate names no CI');
  return {
    privateKey,
    ...certificates,
    signer: createSigner(privateKey),
    ciPKId: authorityKeyIdentifier,
  };
}

/** Encoding to PKCS #8 and back, for storing a credential. */
export function encodePrivateKey(privateKey: KeyObject): Uint8Array {
  return Uint8Array.from(privateKey.export({ format: 'der', type: 'pkcs8' }));
}

export function decodePrivateKey(pkcs8: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
}
