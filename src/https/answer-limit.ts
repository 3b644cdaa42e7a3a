// A time limit for responses, however long the store takes.
import { StoreUnavailable } from '../store/errors.ts';

/** Throws `StoreUnavailable` if `work` takes longer. The work continues, and a repeated call finds its result. */
export async function inTime<T>(work: Promise<T>, limitMs: number): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new StoreUnavailable(`No result within ${limitMs} ms`)),
    limitMs,
  );
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
