// Seals with the current master key what older ones have sealed, in small transactions, while servers work on the same rows. It
// may be interrupted at any time, and goes on where it was.
import { setTimeout as sleep } from 'node:timers/promises';
import { tokenDigest } from '../operator/account/console-session.ts';
import type { MasterKey } from '../process/keys.ts';
import { SliceSize } from '../store/bulk.ts';
import type { SealedRow } from '../store/master-keys.ts';
import { PRIMARY_KEYS } from '../store/primary-keys.ts';
import type { Store } from '../store/store.ts';
import type { Change } from '../store/update-many.ts';
import type { Transact } from '../unit.ts';
import { columnsOf, SEALED_TABLES } from './sealed-columns.ts';
import type { SealedTable } from './sealed-columns.ts';

/** The setting: how far it is. */
export const PROGRESS = 'master_key_progress';
/** Rows of a transaction: others wait until its end. */
const MOST_ROWS = 500;
/** After a slice, others have as long as it took, but nobody waits longer than this. */
const LONGEST_PAUSE_MS = 500;
const SETTLE_MS = 1_000;
const SAVE_EVERY_MS = 1_000;
/** How often everything is looked through. Rows that somebody has read before the change, and written after, are few. */
const MOST_PASSES = 20;

export interface Progress {
  /** Id of the key with which everything is sealed. */
  to: string;
  /** From 1. One that finds nothing to do is the last. */
  pass: number;
  table: SealedTable;
  /** The primary key of the last row that was done. */
  after?: SealedRow;
  /** Values sealed in this pass, and in all. */
  sealed: number;
  sealedInAll: number;
  /** Rows seen in this pass, and how many there are. */
  seen: number;
  rows: number;
}

export interface ResealOptions {
  store: Store;
  transact: Transact;
  masterKey: MasterKey;
  tell: (progress: Progress) => void;
  /** Whether it leaves others no time in between. */
  isUrgent: boolean;
  /** How much later the last look begins: transactions that have read something before have written it back by then. */
  settleMs?: number | undefined;
  signal?: AbortSignal | undefined;
}

export async function findProgress({
  settings,
}: Pick<Store, 'settings'>): Promise<Progress | undefined> {
  const text = await settings.find(PROGRESS);
  return text === undefined || text === '' ? undefined : (JSON.parse(text) as Progress);
}

/** @returns how many values were sealed, by all attempts together. Throws `SealError` if one does not open. */
export async function resealAll(options: ResealOptions): Promise<number> {
  const { store, transact, masterKey } = options;
  const kept = await findProgress(store);
  let progress =
    kept?.to === masterKey.id
      ? kept
      : await beginPass({ to: masterKey.id, pass: 1, sealedInAll: 0 }, store);
  const settledAt = performance.now() + (options.settleMs ?? SETTLE_MS);
  for (;;) {
    const begunAt = performance.now();
    progress = await pass(progress, options);
    if (progress.sealed === 0 && begunAt > settledAt) {
      await transact(({ tables }) => tables.settings.set(PROGRESS, ''));
      return progress.sealedInAll;
    }
    if (progress.pass === MOST_PASSES) {
      throw new Error(
        'Something goes on sealing with an older master key; see simwright key status',
      );
    }
    await sleep(Math.max(0, settledAt - performance.now() + 5));
    progress = await beginPass({ ...progress, pass: progress.pass + 1 }, store);
  }
}

async function beginPass(
  { to, pass: number, sealedInAll }: Pick<Progress, 'to' | 'pass' | 'sealedInAll'>,
  store: Store,
): Promise<Progress> {
  let rows = 0;
  for (const table of SEALED_TABLES) rows += await store.masterKeys.countRows(table);
  return { to, pass: number, table: SEALED_TABLES[0]!, sealed: 0, sealedInAll, seen: 0, rows };
}

/** Looks through everything from where the progress is. */
async function pass(begun: Progress, options: ResealOptions): Promise<Progress> {
  const { transact, tell, isUrgent, signal } = options;
  let progress = begun;
  let savedAt = -Infinity;
  const save = async () => {
    await transact(({ tables }) => tables.settings.set(PROGRESS, JSON.stringify(progress)));
    savedAt = performance.now();
  };
  for (const table of SEALED_TABLES.slice(SEALED_TABLES.indexOf(begun.table))) {
    const size = new SliceSize();
    if (progress.table !== table) {
      const { after: _after, ...others } = progress;
      progress = { ...others, table };
    }
    for (;;) {
      signal?.throwIfAborted();
      const started = performance.now();
      const limit = Math.min(size.rows, MOST_ROWS);
      const rows = await readSlice(table, progress.after, limit, options);
      const sealed = await resealSlice(table, rows, options);
      size.adapt(rows.length, bytesOf(rows));
      progress = {
        ...progress,
        ...(rows.length === 0 ? {} : { after: keyOf(table, rows.at(-1)!) }),
        sealed: progress.sealed + sealed,
        sealedInAll: progress.sealedInAll + sealed,
        seen: progress.seen + rows.length,
      };
      tell(progress);
      if (performance.now() > savedAt + SAVE_EVERY_MS) await save();
      if (rows.length < limit) break;
      if (sealed > 0 && !isUrgent) {
        await sleep(Math.min(performance.now() - started, LONGEST_PAUSE_MS));
      }
    }
  }
  await save();
  return progress;
}

function readSlice(
  table: SealedTable,
  after: SealedRow | undefined,
  limit: number,
  { store, masterKey }: ResealOptions,
): Promise<SealedRow[]> {
  const columns = new Map(columnsOf(table));
  return store.masterKeys.sealedAfter(table, columns, masterKey.mark, after, limit);
}

/** A row that has changed since it was read stays as it is: it was sealed anew, or the next pass finds it. */
async function resealSlice(
  table: SealedTable,
  rows: readonly SealedRow[],
  { store, transact, masterKey }: ResealOptions,
): Promise<number> {
  const changes = columnsOf(table).map(([column, { reseal, alongWith }]) =>
    rows.flatMap((row): Change[] => {
      const value = row[column];
      const again = typeof value === 'string' ? reseal(value, row, masterKey) : undefined;
      if (again === undefined) return [];
      const set = { [column]: again, ...alongWith?.(again) };
      return [{ where: { ...keyOf(table, row), [column]: value! }, set }];
    }),
  );
  let sealed = 0;
  for (const some of changes.flatMap((ofColumn) => groupsOf(ofColumn, store.isSpread))) {
    sealed += await transact(async ({ tables: { masterKeys } }) => {
      const found = await masterKeys.reseal(table, some);
      if (table !== 'accounts') return found;
      for (const { where, set } of some) {
        if (typeof where['auth_token'] !== 'string') continue;
        const [before, after] = [where, set].map((row) =>
          tokenDigest({ auth_token: String(row['auth_token']) }),
        );
        await masterKeys.followToken(String(where['sid']), before!, after!);
      }
      return found;
    });
  }
  return sealed;
}

/** What one transaction changes: where tables are spread, rows of one account. */
function groupsOf(changes: readonly Change[], isSpread: boolean): Change[][] {
  if (changes.length === 0) return [];
  if (!isSpread) return [[...changes]];
  return [...Map.groupBy(changes, ({ where }) => where['account_sid']).values()];
}

function keyOf(table: SealedTable, row: SealedRow): SealedRow {
  return Object.fromEntries(PRIMARY_KEYS[table].map((column) => [column, row[column]!]));
}

function bytesOf(rows: readonly SealedRow[]): number {
  let bytes = 0;
  for (const row of rows)
    for (const value of Object.values(row)) bytes += String(value ?? '').length;
  return bytes;
}
