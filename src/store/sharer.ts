// Concurrent works that share a transaction, and so one commit.
import { StoreUnavailable } from './errors.ts';
import type { Transaction } from './tables.ts';
import { allEnded, together } from './together.ts';

/** As `Store.transaction`. */
type Transact = <T>(work: (tables: Transaction) => Promise<T>) => Promise<T>;

/** How many works share a transaction, whose locks all of them hold until its end. */
const SHARED_LIMIT = 16;

export function sharer(transaction: Transact): Transact {
  type Work = (tables: Transaction) => Promise<unknown>;

  async function runAll(works: Work[]): Promise<unknown[]> {
    try {
      return await transaction((shared) => allEnded(works.map((work) => work(shared))));
    } catch (error) {
      // If the database cannot be reached, they may have been committed.
      if (works.length === 1 || error instanceof StoreUnavailable) throw error;
      // One by one, so only the failing ones fail.
      return works.map((work) => transaction(work));
    }
  }

  const share = together(async (works: Work[]) => {
    const results: Promise<unknown>[] = [];
    while (results.length < works.length) {
      const some = works.slice(results.length, results.length + SHARED_LIMIT);
      // Not awaited, so the next ones need not wait until these are on disk.
      const ran = runAll(some);
      results.push(...some.map(async (_work, index) => (await ran)[index]));
    }
    return results;
  });
  return share as Transact;
}
