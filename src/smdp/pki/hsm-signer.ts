// DPauth and DPpb keys in an HSM (docs/decisions/0062-hsm.md). The public key of a certificate says which key it is.
import { createHash } from 'node:crypto';
import type { X509Certificate } from 'node:crypto';
import { HsmError } from '../../pkcs11/errors.ts';
import type { Hsm } from '../../pkcs11/hsm.ts';
import { SignerError, signingBy } from './external-signer.ts';
import type { ExternalSigner, Sign } from './external-signer.ts';

export function hsmSigner(hsm: Pick<Hsm, 'sign' | 'open'>): ExternalSigner {
  const spkis = new WeakMap<X509Certificate, Uint8Array>();
  const spkiOf = (certificate: X509Certificate) => {
    const known = spkis.get(certificate);
    if (known !== undefined) return known;
    const spki = Uint8Array.from(certificate.publicKey.export({ format: 'der', type: 'spki' }));
    spkis.set(certificate, spki);
    return spki;
  };
  const sign: Sign = ({ certificate, data }) =>
    hsm.sign(spkiOf(certificate), createHash('sha256').update(data).digest());
  return signingBy('SIMWRIGHT_HSM', {
    load: async () => sign,
    async ready() {
      try {
        await hsm.open();
      } catch (cause) {
        if (!(cause instanceof HsmError)) throw cause;
        throw new SignerError(`SIMWRIGHT_HSM: ${cause.message}`, { cause });
      }
    },
  });
}
