// ES9+ over HTTPS (SGP.22 §2.6.6, §6.5) to SM-DP+s and SM-DSs of others, where the eIM stands in for an LPA. They are named by
// activation codes and devices, so they are called like all servers of others: only at addresses that are allowed, with a limit for time,
// size and number, and without following redirects.
import { readFileSync } from 'node:fs';
import { getCACertificates } from 'node:tls';
import type { Context } from '../context.ts';
import { Lookups } from '../outgoing/lookups.ts';
import { connectPeer } from '../outgoing/mutual-tls.ts';
import type { Peer } from '../outgoing/mutual-tls.ts';
import { PeerUnavailable } from '../outgoing/peer-unavailable.ts';
import { Slots } from '../outgoing/slots.ts';
import { isPublicAddress } from '../outgoing/special-addresses.ts';
import { fileError } from '../process/private-files.ts';
import { ES9PLUS_PATH, ES9PLUS_USER_AGENT, PROTOCOL_VERSION } from '../rsp/es9plus-functions.ts';
import { certificatePem } from '../rsp/pem.ts';
import { verifyServerTls } from '../rsp/server-tls.ts';
import type { Es9Plus } from './es9plus.ts';
import { SmdpUnavailable } from './es9plus.ts';
import type { WhichSmdps } from './which-smdps.ts';

/** Together less than an IPA waits for ESipa. */
const TIMEOUTS = { connectMs: 4_000, answerMs: 9_000 };
/** Of a bound profile package, in base64; any other answer has a few thousand bytes. */
const ANSWER_LIMIT = 4 * 1024 * 1024;
/** Calls of one SM-DP+ at a time: a slow one must not take all that is served at once. */
const AT_ONCE = 64;
/** SM-DP+s whose connections are kept. */
const MOST_PEERS = 64;
const HEADERS = {
  'User-Agent': ES9PLUS_USER_AGENT,
  'X-Admin-Protocol': PROTOCOL_VERSION,
};

interface Smdp {
  peer: Peer;
  running: number;
}

export interface OtherSmdps extends Pick<Es9Plus, 'call'> {
  /** Closes the connections that are kept. */
  close(): void;
}

type OtherContext = Pick<Context, 'config' | 'pki' | 'now' | 'log'>;

/** Throws `FileError` if the file of CAs cannot be read. */
export function otherSmdps(
  { isNamed }: Pick<WhichSmdps, 'isNamed'>,
  context: OtherContext,
  timeouts = TIMEOUTS,
): OtherSmdps {
  const { log } = context;
  const authorities = authoritiesOf(context.config);
  const lookups = new Lookups(new Slots({ total: 2, perReceiver: 1 }));
  /** Those called last at the end. */
  const smdps = new Map<string, Smdp>();
  let trusted = context.pki;

  function close(): void {
    for (const { peer } of smdps.values()) peer.close();
    smdps.clear();
  }

  function smdpAt(address: string): Smdp {
    // What was verified with other CIs is verified anew.
    if (trusted !== context.pki) close();
    trusted = context.pki;
    const smdp = smdps.get(address) ?? { peer: peerAt(address), running: 0 };
    smdps.delete(address);
    smdps.set(address, smdp);
    if (smdps.size > MOST_PEERS) forgetOne();
    return smdp;
  }

  function forgetOne(): void {
    for (const [address, { peer, running }] of smdps) {
      if (running > 0) continue;
      smdps.delete(address);
      peer.close();
      return;
    }
  }

  function peerAt(address: string): Peer {
    const { pki, config } = context;
    const isOwnNetwork = isNamed(address) || config.callbackPrivateNetworks;
    return connectPeer({
      address: urlOf(address),
      ca: [...pki.cis.map(certificatePem), ...authorities],
      curves: authorities.length === 0 ? pki.cis.map(({ curve }) => curve) : undefined,
      verify: (host, der, issuers) => problemOf(host, der, issuers),
      guard: isOwnNetwork ? undefined : isPublicAddress,
      timeouts,
      answerLimit: ANSWER_LIMIT,
      // Whoever names a host chooses whose name servers are asked, and threads are few.
      ...(isNamed(address)
        ? {}
        : {
            resolve: (ended) => (hostname, options, done) =>
              lookups.resolve(address, hostname, options, ended, done),
          }),
    });
  }

  /** §4.5.2.1.0.5: under a CI, it must be that of an SM-DP+ or SM-DS; under another CA, what TLS has verified is all. */
  function problemOf(
    host: string,
    der: Uint8Array,
    issuers: readonly Uint8Array[],
  ): Error | undefined {
    const { cis, crls } = context.pki;
    const isOfCi = issuers.some((one) => cis.some((ci) => Buffer.compare(ci.der, one) === 0));
    if (!isOfCi && authorities.length > 0) return undefined;
    try {
      verifyServerTls(der, host, ['dsTls', 'dpTls'], { cis, crls, now: context.now() });
      return undefined;
    } catch (cause) {
      const { message } = cause as Error;
      return new Error(`it is not the certificate of an SM-DP+ or SM-DS: ${message}`, { cause });
    }
  }

  return {
    close,
    async call(name, smdpAddress, members) {
      const address = smdpAddress.toLowerCase();
      const smdp = smdpAt(address);
      if (smdp.running >= AT_ONCE) {
        throw new SmdpUnavailable(`${address}: ${AT_ONCE} calls are waiting for it`);
      }
      smdp.running += 1;
      try {
        const path = `${ES9PLUS_PATH}${name}`;
        const { statusCode, body } = await smdp.peer.post(path, JSON.stringify(members), HEADERS);
        return { status: statusCode, body };
      } catch (error) {
        if (!(error instanceof PeerUnavailable)) throw error;
        const { message, detail, statusCode } = error;
        log.warn(
          { smdp: address, function: name, cause: message, detail },
          'ES9+ was not answered',
        );
        if (statusCode !== undefined) return { status: statusCode, body: '' };
        throw new SmdpUnavailable(`${address}: ${message}`, { cause: error });
      } finally {
        smdp.running -= 1;
      }
    },
  };
}

/** Throws `SmdpUnavailable`: what an activation code may name is not always one that can be called. */
function urlOf(address: string): URL {
  const url = URL.parse(`https://${address}`);
  if (url === null) throw new SmdpUnavailable(`${address}: it is no address`);
  return url;
}

/** PEM. */
function authoritiesOf({ eimSmdpCa }: Pick<Context['config'], 'eimSmdpCa'>): readonly string[] {
  if (eimSmdpCa === undefined) return [];
  if (eimSmdpCa === 'public') return getCACertificates('default');
  try {
    return [readFileSync(eimSmdpCa.file, 'utf8')];
  } catch (error) {
    throw fileError(`${eimSmdpCa.file} cannot be read`, error);
  }
}
