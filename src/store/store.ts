// The store: the interface to the database for rules and edges. Each table has its own file.
import type { Kysely } from 'kysely';
import type { Clock } from './clock.ts';
import { StoreUnavailable, TooLate } from './errors.ts';
import { EsimProfileSearch } from './esim-profile-search.ts';
import { Figures } from './figures.ts';
import type { Backend, Connections, Flavor, MigrateOptions } from './flavor.ts';
import { countInFlight } from './in-flight.ts';
import type { InFlight } from './in-flight.ts';
import { ROTATION } from './master-keys.ts';
import { MIGRATIONS } from './migrate.ts';
import { placesOfOlder } from './migrator.ts';
import { pagedListsOf } from './paged-lists.ts';
import type { PagedLists } from './paged-lists.ts';
import { readinessOf } from './readiness.ts';
import type { Tables } from './schema.ts';
import { sharer } from './sharer.ts';
import { allTables, tables } from './tables.ts';
import type { Transaction } from './tables.ts';

export type { Transaction } from './tables.ts';

/** An open store. Its tables are for reading; writes go through `transaction`. */
export interface Store extends Transaction, PagedLists {
  readonly kind: Flavor['name'];
  /** See `Flavor.isSpread`. */
  readonly isSpread: boolean;
  readonly clock: Clock;
  /**
   * When the promise resolves, everything that `work` wrote is on disk; when it rejects, nothing. `work` may run more
   * than once, and must await nothing but the tables passed to it.
   */
  transaction<T>(work: (tables: Transaction) => Promise<T>): Promise<T>;
  /** Like `transaction`, for work that only adds rows with new keys: concurrent calls share a transaction. */
  append<T>(work: (tables: Transaction) => Promise<T>): Promise<T>;
  /**
   * Like `transaction`, for short work on rows that nobody else is likely to change meanwhile: concurrent calls share a
   * commit. If one of them fails, each is run again by itself.
   */
  share<T>(work: (tables: Transaction) => Promise<T>): Promise<T>;
  esimProfileSearch: EsimProfileSearch;
  /** What metrics read. */
  figures: Figures;
  /** Its connections now, if it has more than one. */
  connections(): Connections | undefined;
  inFlight(): Promise<InFlight>;
  /** Where nodes are connected from, on PostgreSQL, of versions that know nothing of the rotation of master keys. */
  placesBeforeRotation(): Promise<string[]>;
  /** A token that is the same only as long as nothing in the database changes. */
  changeToken(): Promise<string>;
  /**
   * Calls `listener` after each transaction of this process that added events, with their accounts. @returns a
   * function to unsubscribe
   */
  onEvents(listener: EventListener): () => void;
  /** As `onEvents`, of eUICCs. */
  onEuiccEvents(listener: EventListener): () => void;
  isUnavailable(error: unknown): boolean;
  /** Checks that the database accepts writes; throws `StoreUnavailable` with the reason if not. */
  checkReady(): Promise<void>;
  close(): Promise<void>;
}

export type EventListener = (accountSids: ReadonlySet<string>) => void;

/** For a transaction whose events became too old. */
const ATTEMPTS = 3;

/** Migrates the schema and returns the store. Throws `StoreMismatch`. */
export async function makeStore(backend: Backend, options?: MigrateOptions): Promise<Store> {
  await backend.migrate(MIGRATIONS, options);
  await backend.clock.compare();
  const listeners = new Set<EventListener>();
  const euiccListeners = new Set<EventListener>();
  let lastCommit = -Infinity;
  const transaction: Store['transaction'] = async (work) => {
    let added: ReadonlySet<string>;
    let ofEuiccs: ReadonlySet<string>;
    const result = await againWhenTooLate(backend, async (db) => {
      const written = tables(db, backend, backend.flavor.soon);
      added = written.esimProfileEvents.addedTo;
      ofEuiccs = written.euiccEvents.addedTo;
      const done = await work(written).catch(async (error: unknown) => {
        // What it has not waited for must not happen in another one that comes after it.
        await written.allWritten().catch(() => {});
        throw error;
      });
      await written.allWritten();
      written.esimProfileEvents.checkKept();
      written.euiccEvents.checkKept();
      return done;
    });
    lastCommit = performance.now();
    if (added!.size > 0) for (const listener of listeners) listener(added!);
    if (ofEuiccs!.size > 0) for (const listener of euiccListeners) listener(ofEuiccs!);
    return result;
  };
  return {
    kind: backend.flavor.name,
    isSpread: backend.flavor.isSpread,
    clock: backend.clock,
    ...allTables(backend.reader, backend, setImmediate),
    transaction,
    append: sharer(transaction),
    // Where transactions run one at a time, those that wait share a commit anyway.
    share: backend.flavor.rowLocks ? sharer(transaction) : transaction,
    esimProfileSearch: new EsimProfileSearch(backend.reader, backend.flavor),
    ...pagedListsOf(backend),
    figures: new Figures(backend.reader, () => backend.figures()),
    connections: () => backend.connections(),
    inFlight: () => countInFlight(backend.reader),
    placesBeforeRotation: async () =>
      backend.flavor.name === 'postgres' ? placesOfOlder(backend.reader, ROTATION) : [],
    changeToken: () => backend.changeToken(),
    onEvents(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onEuiccEvents(listener) {
      euiccListeners.add(listener);
      return () => euiccListeners.delete(listener);
    },
    isUnavailable: (error) => error instanceof StoreUnavailable,
    checkReady: readinessOf(backend, () => lastCommit),
    close: () => backend.close(),
  };
}

/** Runs work again after `TooLate`: a machine that has slept must ask for the time again first. */
async function againWhenTooLate<T>(
  backend: Backend,
  work: (db: Kysely<Tables>) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await backend.transaction(work);
    } catch (error) {
      if (!(error instanceof TooLate)) throw error;
      if (attempt === ATTEMPTS)
        throw new StoreUnavailable('The database is too slow', { cause: error });
      await backend.clock.compare();
    }
  }
}
