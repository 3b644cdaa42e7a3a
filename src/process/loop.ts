// A background loop: looks for work when woken, and periodically, because another process may have created some.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Logger } from 'pino';

export type LoopName =
  | 'reservation'
  | 'batches'
  | 'certificates'
  | 'crls'
  | 'callbacks'
  | 'progress'
  | 'sims'
  | 'smds'
  | 'eim'
  | 'fleets'
  | 'notifications'
  | 'injection'
  | 'expiry'
  | 'housekeeping'
  | 'master key'
  | 'events'
  | 'clock'
  | 'statistics'
  | 'witness'
  | 'stock'
  | 'audit';

export interface Loop {
  wake(): void;
  /** Resolves when the current turn is done. */
  stop(): Promise<void>;
}

const MAX_BACKOFF_MS = 30_000;
/** Of a wait after a failure, once it is woken: somebody has written, so the database is there again. */
const WOKEN_BACKOFF_MS = 1_000;

/** @param work does part of the pending work; true: more may be pending */
export function startLoop(
  name: LoopName,
  everyMs: number,
  log: Logger,
  work: () => Promise<boolean>,
): Loop {
  const stopping = new AbortController();
  let woken = true;
  let failures = 0;
  let ring: (() => void) | undefined;

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      woken = false;
      try {
        if (await work()) woken = true;
        failures = 0;
      } catch (error) {
        failures++;
        log.error({ err: error, loop: name }, `the ${name} loop failed; it will try again`);
      }
      if (!woken || failures > 0) await pause();
      // Yield: a database that answers synchronously must not starve the requests.
      else await nextTurn();
    }
  }

  /** Waits until the next turn is due. After failures, a wake-up shortens the wait only to `WOKEN_BACKOFF_MS`. */
  async function pause(): Promise<void> {
    const backoff = Math.min(100 * 2 ** failures, MAX_BACKOFF_MS);
    const { promise, resolve } = Promise.withResolvers<void>();
    let timer = setTimeout(resolve, failures > 0 ? backoff : everyMs);
    const pausedAt = performance.now();
    ring = () => {
      if (failures === 0 || stopping.signal.aborted) return resolve();
      clearTimeout(timer);
      const left = Math.min(backoff, WOKEN_BACKOFF_MS) - (performance.now() - pausedAt);
      timer = setTimeout(resolve, Math.max(left, 0));
    };
    if (!stopping.signal.aborted) await promise;
    clearTimeout(timer);
    ring = undefined;
  }

  const running = run();
  return {
    wake() {
      woken = true;
      ring?.();
    },
    async stop() {
      stopping.abort();
      ring?.();
      await running;
    },
  };
}
