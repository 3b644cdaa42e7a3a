// What the invariants examine, gathered from an open database.
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { authTokenOf } from '../operator/account/account.ts';
import { shortKeyId } from '../process/keys.ts';
import type { MasterKey } from '../process/keys.ts';
import { RENTED_SMDP } from '../operator/rented/rented.ts';
import { adoptRing } from '../rotation/ring.ts';
import type { Ring } from '../rotation/ring.ts';
import { StoreMismatch } from '../store/errors.ts';
import { findNewestSid } from '../store/esim-profile-events.ts';
import type { Flavor } from '../store/flavor.ts';
import type { Tables } from '../store/schema.ts';
import { HAS_LOG } from '../store/rsp-sessions.ts';
import { Settings } from '../store/settings.ts';
import type { Snapshots } from '../store/snapshots.ts';
import { dateOfSid } from '../values/sid.ts';
import type { Evidence } from './invariant.ts';

/** With an index to find the newest entry, and its condition. */
const DATED = [
  ['rsp_log', sql`1 = 1`],
  ['rsp_sessions', HAS_LOG],
  ['idempotency_keys', sql`1 = 1`],
] as const satisfies [keyof Tables, unknown][];
/** Later dates are those of a clock that was wrong. */
const MOST_AHEAD_MS = 24 * 60 * 60 * 1_000;

export type Gathered = Omit<Evidence, 'examined' | 'unexamined'>;

/** Throws `StoreMismatch` if nothing in the database was sealed with this master key. */
export async function gatherEvidence(
  snapshots: Snapshots,
  masterKey: MasterKey,
): Promise<Gathered> {
  const ring = await snapshots.read((db) => checkKey(db, masterKey));
  const clock = (await snapshots.now()).getTime();
  const dates = await snapshots.read((db) => newestDates(db, snapshots.flavor));
  const credible = dates.filter((date) => date <= clock + MOST_AHEAD_MS);
  const lastWritten = Math.max(0, ...credible);
  return {
    snapshots,
    masterKey,
    retiredKeys: new Set(
      ring === undefined || ring.resealing
        ? []
        : ring.keys.slice(0, -1).map(({ id }) => shortKeyId(id)),
    ),
    now: new Date(Math.max(clock, lastWritten)),
    lastWritten: new Date(lastWritten),
    isRented: await snapshots.read(isOfRented),
  };
}

async function newestDates(db: Kysely<Tables>, flavor: Flavor): Promise<number[]> {
  const dates: number[] = [];
  for (const [table, where] of DATED) {
    const { rows } = await sql<{ date: string | null }>`
      select max(date_created) as date from ${sql.table(table)} where ${where}`.execute(db);
    if (rows[0]?.date) dates.push(Date.parse(rows[0].date));
  }
  const newest = await findNewestSid(db, flavor);
  if (newest !== undefined) dates.push(dateOfSid(newest).getTime());
  return dates.filter((date) => !Number.isNaN(date));
}

async function isOfRented(db: Kysely<Tables>): Promise<boolean> {
  return (await new Settings(db).find(RENTED_SMDP)) !== undefined;
}

/** One damaged seal is a violation; when none opens, the key is another one. */
async function checkKey(db: Kysely<Tables>, masterKey: MasterKey): Promise<Ring | undefined> {
  const settings = new Settings(db);
  try {
    return await adoptRing(masterKey, (name) => settings.find(name));
  } catch (error) {
    if (!(error instanceof StoreMismatch)) throw error;
    const accounts = await db.selectFrom('accounts').selectAll().limit(100).execute();
    if (accounts.some((account) => opens(() => authTokenOf(account, masterKey)))) return undefined;
    throw error;
  }
}

function opens(open: () => unknown): boolean {
  try {
    open();
    return true;
  } catch {
    return false;
  }
}
