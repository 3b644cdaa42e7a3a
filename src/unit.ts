// A unit of work: what is written together, at one time, and which background loops it gives work.
import type { LoopName } from './process/loop.ts';
import type { Store, Transaction } from './store/store.ts';
import { Sids } from './values/sid.ts';

export interface Unit {
  tables: Transaction;
  /** The time of all that the unit writes. */
  now: Date;
  sids: Sids;
  /** Tells a background loop that there is work for it, once the unit is on disk. */
  wake: (loop: LoopName) => void;
}

/** Runs `work` in one transaction; see `Store.transaction` for what it may do. */
export type Transact = <T>(work: (unit: Unit) => Promise<T>) => Promise<T>;

export interface Units {
  sids: Sids;
  transact: Transact;
  /** As `transact`, for work that only adds rows; see `Store.append`. */
  append: Transact;
  /** As `transact`, for short work on rows that nobody else is likely to change meanwhile; see `Store.share`. */
  share: Transact;
}

/**
 * @param now the time that units go by
 * @param with.wake called with the loops that have work
 * @param with.sids shared with others that write to the same store in this process
 */
export function unitsOf(
  store: Pick<Store, 'transaction' | 'append' | 'share'>,
  now: () => Date,
  { wake = () => {}, sids = new Sids() }: Partial<Pick<Unit, 'wake' | 'sids'>> = {},
): Units {
  const through =
    (run: Store['transaction']): Transact =>
    async (work) => {
      const woken = new Set<LoopName>();
      const result = await run((tables) =>
        work({ tables, now: now(), sids, wake: (loop) => woken.add(loop) }),
      );
      for (const loop of woken) wake(loop);
      return result;
    };
  return {
    sids,
    transact: through(store.transaction),
    append: through(store.append),
    share: through(store.share),
  };
}
