// ES12 (§5.9) as a client: an SM-DP+ registers and deletes events at an SM-DS, over TLS with CERT.DP.TLS and CERT.DS.TLS.
import { OWN_REFUSED } from '../outgoing/failure.ts';
import { functionCaller } from '../outgoing/function-caller.ts';
import { connectPeer } from '../outgoing/mutual-tls.ts';
import type { PeerOptions } from '../outgoing/mutual-tls.ts';
import { PeerUnavailable } from '../outgoing/peer-unavailable.ts';
import type { Certificate } from '../rsp/certificate.ts';
import type { VerifiedCrl } from '../rsp/crl.ts';
import { FunctionExecutionError } from '../rsp/function-execution-error.ts';
import { certificatePem } from '../rsp/pem.ts';
import { verifyServerTls } from '../rsp/server-tls.ts';

/** §6.5.2 */
const es12Paths = {
  registerEvent: '/gsma/rsp2/es12/registerEvent',
  deleteEvent: '/gsma/rsp2/es12/deleteEvent',
} as const;
export type Es12Function = keyof typeof es12Paths;

/** Of a request; the same when it is repeated (§5.2.6). */
interface Call {
  functionCallIdentifier: string;
  eid: string;
  eventId: string;
}

export interface Es12Client extends Disposable {
  /**
   * §5.9.1. One that is registered already (8.9.5/3.3) is so by a call of ours whose answer was lost.
   * Throws `FunctionExecutionError` if the SM-DS refuses; `PeerUnavailable`.
   */
  registerEvent(
    call: Call & { rspServerAddress: string; forwardingIndicator: boolean },
  ): Promise<void>;
  /** §5.9.2. One that the SM-DS does not know (8.9.5/3.9) is deleted. Throws as `registerEvent`. */
  deleteEvent(call: Call): Promise<void>;
  /** Whether the SM-DS answers and admits us, without any effect there. Throws `PeerUnavailable`, 8.9/4.2 if it does not admit us. */
  look(): Promise<void>;
}

/** A certificate of ours, for SM-DSs that trust its CI. */
export interface Es12Identity {
  /** CERT.DP.TLS and its private key, PEM. */
  certificatePem: string;
  keyPem: string;
}

export interface Es12Options extends Pick<PeerOptions, 'guard' | 'timeouts' | 'resolve'> {
  /** Of the SM-DS: host, with its port if it is not 443. */
  address: string;
  /** The first one that the SM-DS admits is used. */
  identities: readonly Es12Identity[];
  /** functionRequesterIdentifier */
  requester: string;
  /** CIs, one of which has certified the SM-DS. */
  cis: readonly Certificate[];
  crls: readonly VerifiedCrl[];
  now: Date;
  /** Ends all calls. */
  signal?: AbortSignal | undefined;
}

const NOT_ADMITTED = [401, 403];

export function es12Client(options: Es12Options): Es12Client {
  const { identities, requester, signal } = options;
  const peers = identities.map((identity) => peerOptions(identity, options));
  const callers = peers.map(functionCaller);
  let first = 0;

  /** With one identity after the other, until one is admitted. */
  async function withIdentity<T>(work: (index: number) => Promise<T>): Promise<T> {
    for (let index = first; ; index++) {
      if (index >= peers.length) {
        throw new PeerUnavailable('this server has no TLS certificate for it', 'not sent');
      }
      try {
        return await work(index);
      } catch (error) {
        const isRefused = error instanceof PeerUnavailable && error.message === OWN_REFUSED;
        if (!isRefused || index + 1 === peers.length) throw error;
        first = index + 1;
      }
    }
  }

  async function call(
    name: Es12Function,
    { functionCallIdentifier, ...members }: Call,
  ): Promise<void> {
    const header = { functionRequesterIdentifier: requester, functionCallIdentifier };
    const request = { header, ...members };
    await withIdentity((index) => callers[index]!.call(es12Paths[name], request, true, signal));
  }

  return {
    async registerEvent(request) {
      await call('registerEvent', request).catch(unless('3.3'));
    },
    async deleteEvent(request) {
      await call('deleteEvent', request).catch(unless('3.9'));
    },
    async look() {
      const status = await withIdentity(async (index) => {
        const peer = connectPeer(peers[index]!);
        try {
          return await peer.head(es12Paths.registerEvent);
        } finally {
          peer.close();
        }
      });
      if (!NOT_ADMITTED.includes(status)) return;
      throw new FunctionExecutionError('8.9', '4.2', `The SM-DS answered ${status}`);
    },
    [Symbol.dispose]() {
      for (const caller of callers) caller.close();
    },
  };
}

/** What was asked for is so already. */
function unless(reasonCode: '3.3' | '3.9'): (error: unknown) => void {
  return (error) => {
    if (error instanceof FunctionExecutionError && error.is('8.9.5', reasonCode)) return;
    throw error;
  };
}

function peerOptions(identity: Es12Identity, options: Es12Options): PeerOptions {
  const { address, cis, guard, timeouts, resolve } = options;
  return {
    address: new URL(`https://${address}`),
    certificate: identity.certificatePem,
    key: identity.keyPem,
    ca: cis.map(certificatePem),
    verify: (host, der) => problemOf(host, der, options),
    guard,
    timeouts,
    ...(resolve === undefined ? {} : { resolve }),
  };
}

/** §4.5.2.1.0.7: besides what TLS verifies, the certificate must be that of an SM-DS, and not revoked. */
function problemOf(
  hostName: string,
  der: Uint8Array,
  { cis, crls, now }: Es12Options,
): Error | undefined {
  try {
    verifyServerTls(der, hostName, ['dsTls'], { cis, crls, now });
    return undefined;
  } catch (cause) {
    return new Error(`it is not the certificate of an SM-DS: ${(cause as Error).message}`, {
      cause,
    });
  }
}
