// ES12 with our certificates, to an SM-DS that a setting or an operator has named.
import type { Context } from '../../context.ts';
import { es12Client } from '../../es12/client.ts';
import type { Es12Client } from '../../es12/client.ts';
import { Lookups } from '../../outgoing/lookups.ts';
import type { Timeouts } from '../../outgoing/mutual-tls.ts';
import { Slots } from '../../outgoing/slots.ts';
import { isPublicAddress } from '../../outgoing/special-addresses.ts';
import { findSmdpOid } from '../../rsp/certificate-chain.ts';
import type { Pki } from '../pki/pki.ts';

export type SmdsContext = Pick<Context, 'config' | 'pki' | 'now'>;

/** How names are resolved: each owner has its share of the threads. */
interface Resolving {
  lookups: Lookups;
  owner: string;
}

/** Few threads: operators name SM-DSs, whose name servers need not answer, and others resolve names as well. */
export const smdsLookups = ({ threads }: Pick<Context['config'], 'threads'>): Lookups =>
  new Lookups(new Slots({ total: Math.max(Math.floor(threads / 8), 1), perReceiver: 1 }));

export function smdsClient(
  address: string,
  timeouts: Timeouts,
  signal: AbortSignal | undefined,
  { lookups, owner }: Resolving,
  { config, pki, now }: SmdsContext,
): Es12Client {
  // The setting may name one in our own network; an operator must not make us look around in it.
  const isOwn = config.smds.some((known) => known.address === address);
  return es12Client({
    address,
    identities: identitiesOf(pki),
    requester: requesterOf(pki) ?? config.smdpAddress,
    cis: pki.cis,
    crls: pki.crls,
    now: now(),
    guard: isOwn || config.callbackPrivateNetworks ? undefined : isPublicAddress,
    timeouts,
    resolve: (ended) => (hostname, options, done) =>
      lookups.resolve(owner, hostname, options, ended, done),
    signal,
  });
}

/** CERT.DP.TLS under each CI, in order of preference. */
function identitiesOf({ tls }: Pki): Pki['tls'] {
  return tls.filter(({ ci }, index) => tls.findIndex((other) => other.ci === ci) === index);
}

/** §5.2.6: the OID of this SM-DP+. */
function requesterOf({ tls }: Pki): string | undefined {
  const [first] = tls;
  return first && findSmdpOid(first.certificate);
}
