// The PKI of a running server. Commands and other nodes may change what is stored.
import type { Context } from '../../context.ts';
import { externalSigner, keptElsewhere, SignerError } from './external-signer.ts';
import type { ExternalSigner } from './external-signer.ts';
import { readPki } from './pki.ts';
import type { StoredPki } from './pki.ts';

export interface CurrentPki extends StoredPki {
  /**
   * Reads the PKI again if it has changed. If the new one cannot be used, that is logged once and the previous one
   * stays in use. Throws `StoreUnavailable`, and `SignerError` while the module cannot sign with the new keys; call
   * it again later.
   * @returns whether a new PKI is in use
   */
  renew(): Promise<boolean>;
}

type ReadContext = Pick<Context, 'config' | 'store' | 'masterKey' | 'now'>;

/** Throws `PkiError` if the stored PKI is inconsistent; `SignerError` if the module cannot sign with its keys; `SealError`. */
export async function openPki(context: ReadContext & Pick<Context, 'log'>): Promise<CurrentPki> {
  const { config, store, log } = context;
  const signers = externalSigner(config.signer);
  const first = await readWhole(context, signers);
  if (first.result.status === 'rejected') throw first.result.reason;
  let { token } = first;
  let current = first.result.value;
  return {
    at: (now) => current.at(now),
    async renew() {
      if ((await store.pki.changeToken()) === token) return false;
      const { result, token: seen } = await readWhole(context, signers);
      if (result.status === 'rejected') {
        const reason: unknown = result.reason;
        if (store.isUnavailable(reason) || reason instanceof SignerError) throw reason;
        token = seen;
        log.error(
          { err: reason },
          'the changed certificates cannot be used; the previous ones stay in use until the next change',
        );
        return false;
      }
      token = seen;
      current = result.value;
      log.info('the certificates have changed and were read again');
      return true;
    },
  };
}

/** Reads again if there was a change in between, because certificates and CRLs belong together. */
async function readWhole(
  context: ReadContext,
  signers: ExternalSigner | undefined,
): Promise<{ result: PromiseSettledResult<StoredPki>; token: string | undefined }> {
  const { pki } = context.store;
  for (;;) {
    const token = await pki.changeToken();
    const [result] = await Promise.allSettled([readUsable(context, signers)]);
    if ((await pki.changeToken()) === token) return { result, token };
  }
}

async function readUsable(
  { config, store, masterKey, now }: ReadContext,
  signers: ExternalSigner | undefined,
): Promise<StoredPki> {
  const stored = await readPki(store, masterKey, { outdatedCrl: config.outdatedCrl, signers });
  const pki = stored.at(now());
  await signers?.check(keptElsewhere(pki));
  return stored;
}
