// A server with the built-in SM-DP+: its certificates, ES9+ for devices, ES2+ for operators, and their jobs.
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import type { Context } from './context.ts';
import type { Data } from './data.ts';
import { buildEs2Plus } from './es2plus/listener.ts';
import { buildEs9Plus } from './es9plus/routes.ts';
import type { Es9Plus } from './es9plus/routes.ts';
import { certificates } from './jobs/certificates.ts';
import { crls } from './jobs/crls.ts';
import type { Job } from './jobs/job.ts';
import { outbox } from './jobs/outbox.ts';
import { smds } from './jobs/smds.ts';
import { stock } from './jobs/stock.ts';
import type { Listener } from './process/listener-close.ts';
import { progressDeliverer } from './progress/deliver.ts';
import { crlFetcher } from './smdp/crls/crl-fetcher.ts';
import { smdpRole } from './smdp/orders/smdp-role.ts';
import { openOperatorTrust } from './smdp/operators/operator-trust.ts';
import { openPki } from './smdp/pki/current-pki.ts';
import { pkiWarner } from './smdp/pki/pki-warnings.ts';
import type { ExternalSigner } from './smdp/pki/external-signer.ts';
import type { Pki } from './smdp/pki/pki.ts';
import { ensureTestTls } from './smdp/pki/test-pki.ts';
import { announcer } from './smdp/smds/announcer.ts';

/** What a server is besides the operator's API: an SM-DP+, or the customer of one. */
export interface Side {
  /** The certificates that it shows and trusts. */
  pkiAt(now: Date): Pki;
  /** Logs new warnings about the certificates. */
  warn: () => void;
  open(context: Context): Promise<Listeners>;
}

interface Listeners {
  /** Not listening yet. Undefined if it is not to be served. */
  es9: Es9Plus | undefined;
  es2: Listener | undefined;
  jobs: Job[];
  /** Resolves when nothing is on its way any more, after the jobs have ended. */
  drain(): Promise<void>;
}

/** Throws as `openPki`. */
export async function smdpSide(
  config: Config,
  data: Data,
  now: () => Date,
  log: Logger,
  signers: ExternalSigner | undefined,
): Promise<Side> {
  const { store, masterKey } = data;
  await ensureTestTls(config.smdpAddress, data);
  const pki = await openPki({ config, store, masterKey, now, log }, signers);
  const side: Side = {
    pkiAt: (date) => pki.at(date),
    warn() {},
    async open(context) {
      // What concerns the whole server, one worker does.
      const isFirst = context.peers.number === 1;
      if (isFirst) side.warn = pkiWarner(context);
      side.warn();
      const trust = config.es2Port === undefined ? undefined : await openOperatorTrust(context);
      const reporting = progressDeliverer(context);
      const announcing = announcer(context);
      const fetching = crlFetcher(context);
      return {
        es9: buildEs9Plus(context),
        es2: trust && buildEs2Plus([smdpRole(trust, context)], context),
        jobs: [
          certificates(pki, () => side.warn(), trust),
          outbox('progress', reporting, context),
          smds(announcing),
          ...(isFirst ? [stock(context), crls(fetching)] : []),
        ],
        async drain() {
          await Promise.all([reporting.drain(), announcing.drain(), fetching.drain()]);
        },
      };
    },
  };
  return side;
}
