// The PKI of a running server. Commands and other nodes may change what is stored.
import type { Context } from '../../context.ts';
import { keptElsewhere, SignerError } from './external-signer.ts';
import type { ExternalSigner } from './external-signer.ts';
import type { StoredCertificate } from './pki-certificate.ts';
import { readPki } from './pki.ts';
import type { Pki, StoredPki } from './pki.ts';

export interface CurrentPki extends StoredPki {
  /**
   * Reads the PKI again if it has changed. If the new one cannot be used, that is logged once and the previous one
   * stays in use. New certificates that the module cannot sign for are not used until it can; nothing else waits for
   * that, in particular not the removal of a CI, or a CRL. Throws `StoreUnavailable`.
   * @returns whether a new PKI is in use
   */
  renew(): Promise<boolean>;
}

type ReadContext = Pick<Context, 'config' | 'store' | 'masterKey' | 'now'>;

/** How often a module that could not sign for a new certificate is asked again. */
const ASK_AGAIN_MS = 5_000;

/**
 * Throws `PkiError` if the stored PKI is inconsistent; `SignerError` if there is no key for one of its certificates;
 * `SealError`. While an HSM is away, its certificates are used: devices are told to try again.
 * @param signers for keys that are not stored here
 */
export async function openPki(
  context: ReadContext & Pick<Context, 'log'>,
  signers?: ExternalSigner,
): Promise<CurrentPki> {
  const { store, now, log } = context;
  const first = await readWhole(context, signers);
  if (first.result.status === 'rejected') throw first.result.reason;
  const [unsigned] = first.result.value.unsigned;
  if (unsigned !== undefined) throw unsigned.error;
  let { token } = first;
  let current = first.result.value;
  let askAgain = Infinity;
  return {
    at: (date) => current.stored.at(date),
    async renew() {
      const isUnchanged = (await store.pki.changeToken()) === token;
      if (isUnchanged && performance.now() < askAgain) return false;
      const inUse = current.stored.at(now());
      const { result, token: seen } = await readWhole(context, signers, inUse);
      askAgain = Infinity;
      if (result.status === 'rejected') {
        const reason: unknown = result.reason;
        if (store.isUnavailable(reason)) throw reason;
        token = seen;
        log.error(
          { err: reason },
          'the changed certificates cannot be used; the previous ones stay in use until the next change',
        );
        return false;
      }
      const before = current;
      const { unsigned: waiting } = result.value;
      if (waiting.length > 0) askAgain = performance.now() + ASK_AGAIN_MS;
      if (seen === token && waiting.length === before.unsigned.length) return false;
      token = seen;
      current = result.value;
      log.info('the certificates have changed and were read again');
      for (const { error } of waiting) {
        log.error(
          { err: error },
          'a new certificate is not used until there are signatures for it',
        );
      }
      return true;
    },
  };
}

interface ReadPki {
  stored: StoredPki;
  /** Certificates that are not used because the module cannot sign for them. */
  unsigned: { certificate: StoredCertificate['certificate']; error: SignerError }[];
}

/** Reads again if there was a change in between, because certificates and CRLs belong together. */
async function readWhole(
  context: ReadContext,
  signers: ExternalSigner | undefined,
  inUse?: Pki,
): Promise<{ result: PromiseSettledResult<ReadPki>; token: string | undefined }> {
  const { pki } = context.store;
  for (;;) {
    const token = await pki.changeToken();
    const [result] = await Promise.allSettled([readUsable(context, signers, inUse)]);
    if ((await pki.changeToken()) === token) return { result, token };
  }
}

/** @param inUse certificates for which the module has already signed; it is not asked again */
async function readUsable(
  { config, store, masterKey, now }: ReadContext,
  signers: ExternalSigner | undefined,
  inUse: Pki | undefined,
): Promise<ReadPki> {
  const { outdatedCrl } = config;
  const stored = await readPki(store, masterKey, { outdatedCrl, signers });
  if (signers === undefined) return { stored, unsigned: [] };
  const isAway = await isHsmAway(signers);
  const unsigned: ReadPki['unsigned'] = [];
  const isSignedFor = ({ certificate }: Pick<StoredCertificate, 'certificate'>) =>
    inUse?.certificates.some((one) => one.signer !== undefined && isSame(one, { certificate }));
  for (const one of keptElsewhere(stored.at(now()))) {
    if (isSignedFor(one)) continue;
    try {
      await signers.check([one]);
    } catch (error) {
      if (!(error instanceof SignerError)) throw error;
      if (inUse === undefined && (isAway || error.isOfAwayHsm)) continue;
      unsigned.push({ certificate: one.certificate, error });
      // At start, the first failure is enough.
      if (inUse === undefined) break;
    }
  }
  if (unsigned.length === 0) return { stored, unsigned };
  const signerOf = (loaded: StoredCertificate) =>
    unsigned.some((one) => isSame(one, loaded)) ? undefined : signers.signerOf(loaded);
  const usable = await readPki(store, masterKey, { outdatedCrl, signers: { signerOf } });
  return { stored: usable, unsigned };
}

/** Throws `SignerError` if it is not only away. */
async function isHsmAway(signers: ExternalSigner): Promise<boolean> {
  try {
    await signers.check([]);
    return false;
  } catch (error) {
    if (error instanceof SignerError && error.isOfAwayHsm) return true;
    throw error;
  }
}

function isSame(
  one: Pick<StoredCertificate, 'certificate'>,
  other: Pick<StoredCertificate, 'certificate'>,
): boolean {
  return Buffer.compare(one.certificate.der, other.certificate.der) === 0;
}
