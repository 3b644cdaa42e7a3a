// An answer has its time, however long the store takes.
import { StoreUnavailable } from '../store/errors.ts';

/**
 * Throws `StoreUnavailable` when `work` takes longer. It goes on then: a call that is repeated finds what it
 * has done.
 */
export async function inTime<T>(work: Promise<T>, limitMs: number): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new StoreUnavailable(`No answer within ${limitMs} ms`)),
    limitMs,
  );
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
