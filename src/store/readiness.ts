// Checks that the database accepts writes, by writing.
import { StoreUnavailable } from './errors.ts';
import type { Backend } from './flavor.ts';
import { Settings } from './settings.ts';

const NAME = 'readiness_check';
/** How long a result is reused, since anyone may ask. */
const REMEMBER_MS = 2_000;
const LIMIT_MS = 5_000;

/** @returns a function that throws `StoreUnavailable`, and queries the database at most once in two seconds */
export function readinessOf(backend: Backend): () => Promise<void> {
  let last: { at: number; result: Promise<void> } | undefined;

  async function write(): Promise<void> {
    await backend.transaction((db) =>
      new Settings(db).set(NAME, backend.clock.now().toISOString()),
    );
  }

  async function ask(): Promise<void> {
    const { promise, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      const seconds = LIMIT_MS / 1_000;
      reject(new StoreUnavailable(`The database did not answer within ${seconds} seconds`));
    }, LIMIT_MS);
    try {
      await Promise.race([write(), promise]);
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
