// A unit of work: what is written together, at one time, and which background loops it gives work.
import type { LoopName } from './process/loop.ts';
import type { AuditKey } from './audit/audit-key.ts';
import { pendingEntry } from './audit/entry.ts';
import type { Change, Outcome } from './audit/entry.ts';
import { currentAct } from './process/request-scope.ts';
import type { Act } from './process/request-scope.ts';
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
  /** Enters a change into the audit log, if somebody has asked for it: what happens by itself has a history instead. */
  audit: Audit;
}

/**
 * Part of the unit: entered if and only if it happens.
 * @param accountSid of what was changed; '' if it is of the server
 */
export type Audit = (accountSid: string, change: Change, entered?: Entered) => Promise<void>;

export interface Entered {
  /** By default, done. */
  outcome?: Outcome;
  /** By default, what this process is being asked to do; nothing is entered if that is nothing. */
  act?: Act;
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
 * @param with.auditKey of entries in the audit log; without it, nothing is entered
 * @param with.sids shared with others that write to the same store in this process
 */
export function unitsOf(
  store: Pick<Store, 'transaction' | 'append' | 'share'>,
  now: () => Date,
  {
    wake = () => {},
    reached = () => {},
    sids = new Sids(),
    auditKey,
  }: Partial<Pick<Unit, 'wake' | 'reached' | 'sids'>> & { auditKey?: () => AuditKey } = {},
): Units {
  const nextSid = () => {
    const date = now();
    return { sid: sids.next('auditEntry', date), date };
  };
  const auditor =
    (tables: Transaction, current: Act | undefined): Audit =>
    async (accountSid, change, { outcome = 'done', act = current } = {}) => {
      if (act === undefined || auditKey === undefined) return;
      const entering = { act, accountSid, change, outcome, key: auditKey(), nextSid };
      await tables.auditLog.add(pendingEntry(entering));
    };

  const through =
    (run: Store['transaction']): Transact =>
    async (work) => {
      const woken = new Set<LoopName>();
      const act = currentAct();
      let statuses: Parameters<Reached>[] = [];
      const result = await run((tables) => {
        // It may run more than once.
        statuses = [];
        return work({
          tables,
          now: now(),
          sids,
          requestId: act?.requestId,
          audit: auditor(tables, act),
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
