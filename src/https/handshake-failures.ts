// Failed TLS handshakes: logged with the client's address, and counted in the database for `simwright pki show`. A
// thousand failures per second do not cause a thousand lines or writes.
import proxyAddr from '@fastify/proxy-addr';
import type { Context } from '../context.ts';
import { partOf } from '../process/peers.ts';
import { apiDate } from '../values/date.ts';
import type { TlsFailureRow } from '../store/schema.ts';

/** Intervals in milliseconds; `lines` is the limit per reason and server in `logEveryMs`. */
export interface FailurePace {
  logEveryMs: number;
  lines: number;
  storeEveryMs: number;
}

const PACE: FailurePace = { logEveryMs: 60_000, lines: 10, storeEveryMs: 10_000 };
/** Clients can cause about a hundred of OpenSSL's reasons. */
const MOST_REASONS = 100;
const OTHER = 'other';
const LIFETIME_MS = 30 * 24 * 60 * 60 * 1_000;

interface Failures {
  /** Log lines since the last summary. */
  lines: number;
  unlogged: number;
  unstored: number;
  since: string;
  last: string;
  address: string;
}

export class HandshakeFailures {
  readonly #context: Pick<Context, 'log' | 'transact' | 'now' | 'peers'>;
  readonly #isTrustedProxy: (address: string, hop: number) => boolean;
  readonly #pace: FailurePace;
  readonly #reasons = new Map<string, Failures>();
  #logTimer: NodeJS.Timeout | undefined;
  #storeTimer: NodeJS.Timeout | undefined;
  #storedAt = -Infinity;
  #storing: Promise<void> = Promise.resolve();

  constructor(
    context: Pick<Context, 'log' | 'transact' | 'now' | 'config' | 'peers'>,
    pace = PACE,
  ) {
    this.#context = context;
    this.#pace = pace;
    this.#isTrustedProxy = proxyAddr.compile(context.config.trustedProxies);
  }

  readonly note = (given: string, address: string): void => {
    const isKnown = this.#reasons.has(given) || this.#reasons.size < MOST_REASONS;
    const reason = isKnown ? given : OTHER;
    const date = apiDate(this.#context.now());
    let failures = this.#reasons.get(reason);
    if (failures === undefined) {
      failures = { lines: 0, unlogged: 0, unstored: 0, since: date, last: date, address };
      this.#reasons.set(reason, failures);
    }
    if (failures.unstored === 0) failures.since = date;
    failures.unstored++;
    failures.last = date;
    failures.address = address;
    if (failures.lines++ < partOf(this.#pace.lines, this.#context.peers))
      this.#log(reason, failures, 1);
    else failures.unlogged++;
    this.#logTimer ??= setTimeout(() => this.#logRest(), this.#pace.logEveryMs).unref();
    const wait = Math.max(0, this.#storedAt + this.#pace.storeEveryMs - performance.now());
    this.#storeTimer ??= setTimeout(() => this.#store(), wait).unref();
  };

  /** Logs and stores what is outstanding. */
  async close(): Promise<void> {
    clearTimeout(this.#logTimer);
    clearTimeout(this.#storeTimer);
    this.#logRest();
    this.#store();
    await this.#storing;
  }

  #log(reason: string, { address }: Failures, count: number): void {
    const isProxy = this.#isTrustedProxy(address, 0);
    this.#context.log.info(
      { reason, address, ...(isProxy ? { proxy: true } : {}), ...(count > 1 ? { count } : {}) },
      count > 1 ? 'more TLS handshakes failed' : 'TLS handshake failed',
    );
  }

  #logRest(): void {
    this.#logTimer = undefined;
    for (const [reason, failures] of this.#reasons) {
      if (failures.unlogged > 0) this.#log(reason, failures, failures.unlogged);
      failures.lines = failures.unlogged = 0;
    }
  }

  #store(): void {
    this.#storeTimer = undefined;
    this.#storedAt = performance.now();
    const rows = [...this.#reasons].flatMap(([reason, failures]): TlsFailureRow[] => {
      const { unstored, address, since, last } = failures;
      failures.unstored = 0;
      if (unstored === 0) return [];
      return [{ reason, failures: unstored, address, date_first: since, date_last: last }];
    });
    if (rows.length === 0) return;
    this.#storing = this.#storing.then(() => this.#write(rows));
  }

  async #write(rows: TlsFailureRow[]): Promise<void> {
    const { transact, now, log } = this.#context;
    const old = apiDate(new Date(now().getTime() - LIFETIME_MS));
    try {
      await transact(async ({ tables }) => {
        await tables.tlsFailures.add(rows);
        await tables.tlsFailures.deleteBefore(old);
      });
    } catch (error) {
      log.error({ err: error }, 'failed TLS handshakes could not be counted yet');
      for (const row of rows) {
        const failures = this.#reasons.get(row.reason)!;
        failures.unstored += row.failures;
        failures.since = row.date_first;
      }
    }
  }
}
