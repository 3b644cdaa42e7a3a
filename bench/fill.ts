// Fills a database with eSIM Profiles and all that belongs to them, fast enough for ten million.
import type { MasterKey } from '../src/process/keys.ts';
import { events, sim, subscription } from './profile-rows.ts';
import { byIccid, profile } from './profiles.ts';
import { Progress } from './progress.ts';

/** The tables that are filled. */
export const FILLED_TABLES = [
  'esim_profiles',
  'sims',
  'esim_profile_events',
  'subscriptions',
] as const;
export type FilledTable = (typeof FILLED_TABLES)[number];
export type Value = string | number | null;

/** Takes rows without the cost of a server's writes: they are not safe on disk, and have no secondary indexes, until the end. */
export interface Bulk extends AsyncDisposable {
  /** Rows of a table in the order of its primary key. */
  add(table: FilledTable, rows: readonly object[]): Promise<void>;
  /** Called once, when all rows have been added. Makes the secondary indexes. @param onStep tells how many are left */
  finish(onStep: (left: number) => void): Promise<void>;
}

const CHUNK = 2_000;
/** Shares of the time, measured: rows with their generation, and a secondary index. */
const INDEX_SHARE = 0.02;

/** @param name of the database, for the progress */
export async function fillAll(
  bulk: Bulk,
  profiles: number,
  masterKey: MasterKey,
  name: string,
): Promise<void> {
  const progress = new Progress(`filling ${name}`);
  const rowShare = (1 - INDEX_SHARE * 18) / (2 * profiles);
  let share = 0;
  const advance = (rows: number, what: string): void => {
    share += rows * rowShare;
    progress.show(share, what);
  };

  for (let done = 0; done < profiles; done += CHUNK) {
    const size = Math.min(CHUNK, profiles - done);
    const rows = Array.from({ length: size }, (_row, at) => profile(done + at));
    await bulk.add('esim_profiles', rows);
    await bulk.add(
      'sims',
      rows.flatMap((row) => sim(row) ?? []),
    );
    await bulk.add(
      'esim_profile_events',
      rows.flatMap((row, at) => events(done + at, row)),
    );
    advance(size, `${(done + size).toLocaleString('en')} profiles`);
  }
  let subscribed = 0;
  for (const indexes of chunks(byIccid(profiles), CHUNK)) {
    await bulk.add(
      'subscriptions',
      indexes.flatMap((index) => subscription(index, masterKey) ?? []),
    );
    subscribed += indexes.length;
    advance(indexes.length, `${subscribed.toLocaleString('en')} subscriptions`);
  }
  await bulk.finish((left) => progress.show(1 - left * INDEX_SHARE, `${left} indexes left`));
  progress.end(`filled ${name} with ${profiles.toLocaleString('en')} profiles`);
}

function* chunks<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let chunk: T[] = [];
  for (const item of items) {
    if (chunk.push(item) < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
