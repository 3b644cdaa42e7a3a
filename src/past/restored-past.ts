// A database that is a past: restored from a backup, so that whatever happened after the backup is unknown to it. Nothing that
// may have been given out since is given out again before somebody has said what is free. See docs/decisions/0059-restored-past.md.
import { OF_SERVER } from '../audit/entry.ts';
import { currentAct } from '../process/request-scope.ts';
import type { Act } from '../process/request-scope.ts';
import { randomUUID } from 'node:crypto';
import type { Config } from '../config.ts';
import { holdBack } from '../smdp/profile-state.ts';
import { StoreMismatch } from '../store/errors.ts';
import type { Store } from '../store/store.ts';
import type { Transact } from '../unit.ts';
import { findBehind, WITNESS } from './witness.ts';

const BY_SERVER: Act = { operation: 'restored past', by: { type: 'server' } };

/** The setting of a database that is, or was, a restored past. */
export const RESTORED_PAST = 'restored_past';

export interface RestoredPast {
  /** The time of which it is; what happened later is unknown. */
  of: string;
  date_noticed: string;
  /** Who noticed it: the restore itself; whoever restored it otherwise, and said so; the server, by its witness. */
  noticed_by: 'restore' | 'operator' | 'server';
  /** Whether all that may have been given out is held back. */
  is_held: boolean;
  /** When servers were allowed to start again; null: they are not. */
  date_resumed: string | null;
}

export const shownPast = (past: RestoredPast) => JSON.stringify(past);

/** One of which nothing is held back yet. */
export const newPast = (
  of: Date,
  noticedBy: RestoredPast['noticed_by'],
  now: Date,
): RestoredPast => ({
  of: of.toISOString(),
  date_noticed: now.toISOString(),
  noticed_by: noticedBy,
  is_held: false,
  date_resumed: null,
});

export async function findPast({
  settings,
}: Pick<Store, 'settings'>): Promise<RestoredPast | undefined> {
  const kept = await settings.find(RESTORED_PAST);
  return kept === undefined ? undefined : (JSON.parse(kept) as RestoredPast);
}

/** Records that the database is a past. Servers that run go on; others do not start before `resume`. */
export async function notePast(
  of: Date,
  noticedBy: RestoredPast['noticed_by'],
  transact: Transact,
): Promise<void> {
  await transact(async ({ tables, now, audit }) => {
    await tables.settings.set(RESTORED_PAST, shownPast(newPast(of, noticedBy, now)));
    const after = { of: of.toISOString(), noticed_by: noticedBy };
    const act = currentAct() ?? BY_SERVER;
    await audit(OF_SERVER, { subject: 'restored past', after }, { act });
  });
}

const AT_ONCE = 2_000;

type Slice = Parameters<typeof holdBack>[1];
type Held = Awaited<ReturnType<typeof holdBack>>;

/**
 * Holds back what may have been given out since; ends what must not be valid again. It can be interrupted and called again.
 * @param tell how many subscriptions it has held back @returns how many
 */
export async function holdAllBack(
  past: RestoredPast,
  { store, transact }: { store: Store; transact: Transact },
  tell: (held: number) => void,
): Promise<number> {
  let held = 0;
  for (const { sid } of await store.accounts.list()) {
    let after: string | undefined = '';
    while (after !== undefined) {
      const slice: Slice = { after, since: past.of, limit: AT_ONCE };
      const done: Held = await transact((unit) => holdBack(sid, slice, unit));
      held += done.held;
      after = done.last;
      tell(held);
    }
  }
  await transact(async ({ tables, audit }) => {
    // Whoever has signed out since would be signed in again.
    await tables.consoleSessions.deleteAll();
    await tables.settings.set(RESTORED_PAST, shownPast({ ...past, is_held: true }));
    const after = { of: past.of, held_back: held };
    const act = currentAct() ?? BY_SERVER;
    await audit(OF_SERVER, { subject: 'restored past', after }, { act });
  });
  return held;
}

/** Notices, by the witness, that the database was replaced by an earlier copy of itself. @returns of which time it is */
export async function noticePast(
  config: Pick<Config, 'data'>,
  data: { store: Store; transact: Transact },
): Promise<Date | undefined> {
  const behind = await findBehind(config, data.store);
  if (behind === undefined) return undefined;
  const known = await findPast(data.store);
  if (known === undefined || known.date_resumed !== null) {
    await notePast(behind, 'server', data.transact);
  }
  const past = (await findPast(data.store))!;
  if (!past.is_held) await holdAllBack(past, data, () => {});
  return behind;
}

/** Lets servers start. What is held back stays so. */
export async function resume(past: RestoredPast, transact: Transact): Promise<void> {
  await transact(async ({ tables, now, audit }) => {
    const resumed = { date_resumed: now.toISOString() };
    await audit(OF_SERVER, { subject: 'restored past', after: { of: past.of, ...resumed } });
    await tables.settings.set(RESTORED_PAST, shownPast({ ...past, ...resumed }));
    // What witnesses remember is of another life of the database.
    await tables.settings.set(WITNESS, `${randomUUID()} ${now.toISOString()}`);
  });
}

/** Throws `StoreMismatch` if the database is a restored past of which nobody has said that servers may start. */
export async function refuseUnresumed(store: Pick<Store, 'settings'>): Promise<void> {
  const past = await findPast(store);
  if (past === undefined || past.date_resumed !== null) return;
  throw new StoreMismatch(
    `The database is a restored past, of ${past.of}: what was given out later may be given out twice. See what that is with ` +
      'simwright restore status, say what is free with simwright restore release, and then allow the start with ' +
      'simwright restore resume',
  );
}
