// The PKI of a running server, which a command or another node may change.
import type { Context } from '../../context.ts';
import { readPki } from './pki.ts';
import type { StoredPki } from './pki.ts';

export interface CurrentPki extends StoredPki {
  /**
   * Reads the PKI again if it was changed since. One that cannot be read is logged once, and the one before stays.
   * Throws `StoreUnavailable`.
   * @returns whether there is another one now
   */
  renew(): Promise<boolean>;
}

type Read = { pki: StoredPki } | { error: unknown };

/** Throws `PkiError` when what is stored does not fit together, `SealError`. */
export async function openPki(
  context: Pick<Context, 'config' | 'store' | 'masterKey' | 'now' | 'log'>,
): Promise<CurrentPki> {
  const { store, log } = context;
  const first = await readWhole(context);
  if ('error' in first.read) throw first.read.error;
  let { token } = first;
  let current = first.read.pki;
  return {
    at: (now) => current.at(now),
    async renew() {
      if ((await store.pki.changeToken()) === token) return false;
      const { read, token: seen } = await readWhole(context);
      if ('error' in read && store.isUnavailable(read.error)) throw read.error;
      token = seen;
      if ('error' in read) {
        log.error(
          { err: read.error },
          'the certificates were changed and cannot be used; those of before stay in use until they are changed again',
        );
        return false;
      }
      current = read.pki;
      log.info('the certificates were changed, and are used as they are now');
      return true;
    },
  };
}

/** Reads until nothing has changed in between: certificates and CRLs belong together. */
async function readWhole({
  config,
  store,
  masterKey,
  now,
}: Pick<Context, 'config' | 'store' | 'masterKey' | 'now'>): Promise<{
  read: Read;
  token: string | undefined;
}> {
  for (;;) {
    const token = await store.pki.changeToken();
    let read: Read;
    try {
      const pki = await readPki(store, masterKey, config.outdatedCrl);
      pki.at(now());
      read = { pki };
    } catch (error) {
      read = { error };
    }
    if ((await store.pki.changeToken()) === token) return { read, token };
  }
}
