// The PKI of a running server, which a command or another node may change.
import type { Context } from '../../context.ts';
import { externalSigner, keptElsewhere, SignerError } from './external-signer.ts';
import type { ExternalSigner } from './external-signer.ts';
import { readPki } from './pki.ts';
import type { StoredPki } from './pki.ts';

export interface CurrentPki extends StoredPki {
  /**
   * Reads the PKI again if it was changed since. One that cannot be used is logged once, and the one before stays.
   * Throws `StoreUnavailable`, and `SignerError` while the module cannot sign for what is new: then it is to be
   * called again.
   * @returns whether there is another one now
   */
  renew(): Promise<boolean>;
}

type ReadContext = Pick<Context, 'config' | 'store' | 'masterKey' | 'now'>;

/** Throws `PkiError` when what is stored does not fit together, or the module cannot sign for it; `SealError`. */
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
          'the certificates were changed and cannot be used; those of before stay in use until they are changed again',
        );
        return false;
      }
      token = seen;
      current = result.value;
      log.info('the certificates were changed and read again');
      return true;
    },
  };
}

/** Reads until nothing has changed in between: certificates and CRLs belong together. */
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
