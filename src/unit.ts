// A unit of work: what is written together, at one time, and which background loops it gives work.
import type { LoopName } from './process/loop.ts';
import { currentRequest } from './process/request-scope.ts';
import type { EsimProfileStatus } from './store/schema.ts';
import type { Store, Transaction } from './store/store.ts';
import { Sids } from './values/sid.ts';

export interface Unit {
  tables: Transaction;
  /** The time of all that the unit writes. */
  now: Date;
  sids: Sids;
  /** Tells a background loop that there is work for it, once the unit is on disk. */
  wake: (loop: LoopName) => void;
  /** The id of the API's request that it is part of, if it is part of one. */
  requestId: string | undefined;
  /** Notes, for metrics, that an order has reached a status, once the unit is on disk. */
  reached: Reached;
}

/** @param ms since the order */
export type Reached = (status: EsimProfileStatus, ms: number) => void;

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
 * @param with.reached called with the statuses that orders have reached
 * @param with.sids shared with others that write to the same store in this process
 */
export function unitsOf(
  store: Pick<Store, 'transaction' | 'append' | 'share'>,
  now: () => Date,
  {
    wake = () => {},
    reached = () => {},
    sids = new Sids(),
  }: Partial<Pick<Unit, 'wake' | 'reached' | 'sids'>> = {},
): Units {
  const through =
    (run: Store['transaction']): Transact =>
    async (work) => {
      const woken = new Set<LoopName>();
      const requestId = currentRequest();
      let statuses: Parameters<Reached>[] = [];
      const result = await run((tables) => {
        // It may run more than once.
        statuses = [];
        return work({
          tables,
          now: now(),
          sids,
          requestId,
          wake: (loop) => woken.add(loop),
          reached: (...status) => statuses.push(status),
        });
      });
      for (const loop of woken) wake(loop);
      for (const status of statuses) reached(...status);
      return result;
    };
  return {
    sids,
    transact: through(store.transaction),
    append: through(store.append),
    share: through(store.share),
  };
}
