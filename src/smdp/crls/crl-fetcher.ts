// Fetches the CRLs that are due. Any node may do it, and may die while it does: its claims end.
import type { Context } from '../../context.ts';
import type { CrlPointRow } from '../../store/schema.ts';
import { syncCrlPoints } from './crl-points.ts';
import { claimPoint, crlLookups, fetchCrl } from './fetch-crl.ts';

/** Concurrently, per server. */
const AT_ONCE = 4;

export interface CrlFetcher {
  /** Begins with what is due. */
  fetchDue(): Promise<void>;
  /** Breaks off what is running, which is fetched again later; no more begin. */
  drain(): Promise<void>;
}

type FetcherContext = Pick<
  Context,
  'config' | 'store' | 'transact' | 'now' | 'log' | 'metrics' | 'wake'
>;

export function crlFetcher(context: FetcherContext): CrlFetcher {
  const { config, store, transact, log, metrics, wake } = context;
  const ending = new AbortController();
  const running = new Set<Promise<void>>();
  const lookups = crlLookups();
  let seen: string | undefined;

  /** Certificates that were imported or removed may name other points. */
  async function syncChanged(): Promise<void> {
    const tokens = [await store.pki.changeToken(), await store.operators.changeToken()].join(' ');
    if (tokens === seen) return;
    await transact(syncCrlPoints);
    seen = tokens;
  }

  function start(point: CrlPointRow): void {
    const fetching = fetchOne(point)
      .catch((error: unknown) => {
        // Its claim ends, and it is fetched again.
        log.error({ err: error, url: point.url }, 'a CRL was not settled');
      })
      .finally(() => {
        running.delete(fetching);
        wake('crls');
      });
    running.add(fetching);
  }

  async function fetchOne(point: CrlPointRow): Promise<void> {
    const { issuer, url, failures } = point;
    const { outcome, error } = await fetchCrl(point, lookups, ending.signal, context);
    if (ending.signal.aborted) return;
    metrics.crlFetch(outcome);
    if (outcome === 'new') log.info({ issuer, url }, 'a newer CRL was fetched');
    if (error === undefined) return;
    log.warn({ issuer, url, failures: failures + 1, cause: error }, `a CRL was not fetched`);
  }

  return {
    async fetchDue() {
      if (!config.crlFetch) return;
      await syncChanged();
      while (running.size < AT_ONCE && !ending.signal.aborted) {
        const due = await store.crlPoints.nextDue(context.now().toISOString());
        if (due === undefined) return;
        const point = await claimPoint(due, context);
        if (point !== undefined) start(point);
      }
    },
    async drain() {
      ending.abort();
      await Promise.all(running);
    },
  };
}
