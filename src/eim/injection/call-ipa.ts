// IPAs that listen are called over HTTPS, where accounts say that they are: like all servers of others, only at addresses that are
// allowed, with a limit for time and size, and without following redirects.
import type { Context } from '../../context.ts';
import { Lookups } from '../../outgoing/lookups.ts';
import { connectPeer } from '../../outgoing/mutual-tls.ts';
import { PeerUnavailable } from '../../outgoing/peer-unavailable.ts';
import { Slots } from '../../outgoing/slots.ts';
import { isPublicAddress } from '../../outgoing/special-addresses.ts';
import { DerError } from '../../rsp/der-error.ts';
import { FunctionExecutionError } from '../../rsp/function-execution-error.ts';
import type { EimKeyRing } from '../server-keys.ts';
import type { CallIpa, TransferBindings } from './ipa.ts';

/** A device carries out a package before it answers, over a radio that may have to wake up first. */
export const IPA_TIMEOUTS = { connectMs: 10_000, answerMs: 30_000 };

/** @param keys the IPA is shown the certificate whose key eUICCs are told to trust for the TLS of the eIM */
export function callIpa(
  bindings: TransferBindings,
  { config, keys }: Pick<Context, 'config'> & { keys: Pick<EimKeyRing, 'tls'> },
  timeouts = IPA_TIMEOUTS,
): CallIpa {
  // Whoever names a host chooses whose name servers are asked, and others resolve names as well.
  const lookupThreads = Math.max(Math.floor(config.threads / 8), 2);
  const lookups = new Lookups(new Slots({ total: lookupThreads, perReceiver: 1 }));
  return ({ account_sid: account, ipa_url: url, ipa_binding, ipa_ca: ca }) => {
    const binding = bindings[ipa_binding];
    const { path, headers } = binding;
    const [tls] = keys.tls;
    const peer = connectPeer({
      address: new URL(url),
      ...(tls === undefined ? {} : { certificate: tls.certificatePem, key: tls.keyPem }),
      ca: ca === null ? undefined : [ca],
      guard: config.callbackPrivateNetworks ? undefined : isPublicAddress,
      timeouts,
      resolve: (ended) => (hostname, options, done) =>
        lookups.resolve(account, hostname, options, ended, done),
    });
    return {
      async transferEimPackage(make, signal) {
        const made = async () => binding.write(await make());
        const { bytes } = await peer.post(path, made, headers, signal);
        try {
          return binding.read(bytes);
        } catch (error) {
          if (!(error instanceof DerError || error instanceof FunctionExecutionError)) throw error;
          throw new PeerUnavailable('the answer is no TransferEimPackageResponse', 'sent', {
            detail: error.message,
          });
        }
      },
      [Symbol.dispose]: () => peer.close(),
    };
  };
}
