// The connections to the servers of operators, kept from one report to the next.
import type { Context } from '../context.ts';
import { functionCaller } from '../outgoing/function-caller.ts';
import type { FunctionCaller } from '../outgoing/function-caller.ts';
import type { Lookups } from '../outgoing/lookups.ts';
import { isPublicAddress } from '../outgoing/special-addresses.ts';
import type { PkiTls } from '../smdp/pki/pki.ts';
import type { OperatorRow } from '../store/schema.ts';

/** Together, twice, well below the time for which a report is claimed. */
const TIMEOUTS = { connectMs: 5_000, answerMs: 15_000 };
/** Operators whose connections are kept. */
const KEPT = 256;

interface Kept {
  caller: FunctionCaller;
  /** What it was made from. */
  key: string;
}

export class OperatorPeers {
  readonly #lookups: Lookups;
  readonly #context: Pick<Context, 'config' | 'pki'>;
  /** By SID, the one used last at the end. */
  readonly #kept = new Map<string, Kept>();

  constructor(lookups: Lookups, context: Pick<Context, 'config' | 'pki'>) {
    this.#lookups = lookups;
    this.#context = context;
  }

  /**
   * Throws `NoCertificate` if this SM-DP+ has none now, and what OpenSSL or `URL` say of an address or of CAs that they
   * cannot read.
   */
  of({ sid, progress_ca: ca }: OperatorRow, address: string): FunctionCaller {
    const { config, pki } = this.#context;
    const { certificatePem: certificate, keyPem } = ownCertificate(pki.tls);
    const key = JSON.stringify([address, ca, certificate]);
    const kept = this.#kept.get(sid);
    this.#kept.delete(sid);
    if (kept !== undefined && kept.key !== key) kept.caller.close();
    const caller =
      kept?.key === key
        ? kept.caller
        : functionCaller({
            address: new URL(address),
            certificate,
            key: keyPem,
            ca: ca === null ? undefined : [ca],
            guard: config.callbackPrivateNetworks ? undefined : isPublicAddress,
            timeouts: TIMEOUTS,
            resolve: (ended) => (hostname, options, done) =>
              this.#lookups.resolve(sid, hostname, options, ended, done),
          });
    this.#kept.set(sid, { caller, key });
    const [oldest] = this.#kept;
    if (this.#kept.size > KEPT && oldest !== undefined) this.#forget(oldest);
    return caller;
  }

  /** Closes all connections. */
  close(): void {
    for (const kept of this.#kept) this.#forget(kept);
  }

  #forget([sid, { caller }]: [string, Kept]): void {
    this.#kept.delete(sid);
    caller.close();
  }
}

/** This SM-DP+ has no TLS certificate that is valid now. */
export class NoCertificate extends Error {
  override name = 'NoCertificate';
}

/** §4.5.2.1.0.5: CERT.DP.TLS identifies the SM-DP+ as a server and as a client. P-256 first, which every peer knows. */
function ownCertificate(certificates: readonly PkiTls[]): PkiTls {
  const onP256 = certificates.find(({ certificate }) => certificate.curve === 'prime256v1');
  const own = onP256 ?? certificates[0];
  if (own === undefined) throw new NoCertificate('there is no TLS certificate that is valid now');
  return own;
}
