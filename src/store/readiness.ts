// Checks that the database accepts writes, by writing.
import { StoreBusy, StoreUnavailable } from './errors.ts';
import type { Backend } from './flavor.ts';
import { Settings } from './settings.ts';

const NAME = 'readiness_check';
/** How long a result is reused, since anyone may ask. */
const REMEMBER_MS = 2_000;
/** Shorter than the wait for a connection, so that to have waited for one is not taken for a failure. */
const LIMIT_MS = 4_500;

/**
 * A database that is only busy is ready: as long as writes of others get through, taking the node out of its proxy would
 * only move its work to the next.
 * @param lastCommit when a transaction of this process was last committed, in milliseconds
 * @returns a function that throws `StoreUnavailable`, and queries the database at most once in two seconds
 */
export function readinessOf(backend: Backend, lastCommit: () => number): () => Promise<void> {
  let last: { at: number; result: Promise<void> } | undefined;

  async function write(): Promise<void> {
    await backend.transaction((db) =>
      new Settings(db).set(NAME, backend.clock.now().toISOString()),
    );
  }

  async function ask(): Promise<void> {
    const begun = performance.now();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => {
      if (lastCommit() > begun) return resolve();
      const seconds = LIMIT_MS / 1_000;
      return reject(new StoreUnavailable(`The database did not answer within ${seconds} seconds`));
    }, LIMIT_MS);
    try {
      await Promise.race([write(), promise]);
    } catch (error) {
      if (!(error instanceof StoreBusy) || lastCommit() < begun - LIMIT_MS) throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  return async () => {
    backend.check();
    if (last === undefined || performance.now() > last.at + REMEMBER_MS) {
      last = { at: performance.now(), result: ask() };
    }
    await last.result;
    backend.check();
  };
}
