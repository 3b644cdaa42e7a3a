// A time limit for responses, however long the store takes.
import { StoreUnavailable } from '../store/errors.ts';

/** Throws `StoreUnavailable` if `work` takes longer. The work continues, and a repeated call finds its result. */
export function inTime<T>(work: Promise<T>, limitMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new StoreUnavailable(`No result within ${limitMs} ms`)),
      limitMs,
    );
    void work.finally(() => clearTimeout(timer)).then(resolve, reject);
  });
}
