// Deletes entries whose time is over, whole seals at a time, which are verified once more. A checkpoint says where the chain
// begins from then on.
import type { Logger } from 'pino';
import type { Store } from '../store/store.ts';
import type { Transact } from '../unit.ts';
import type { AuditKey, AuditKeys } from './audit-key.ts';
import { BEGINNING, checkNext } from './check.ts';
import type { Place } from './check.ts';
import { OF_SERVER } from './entry.ts';
import { dateOfSeal, hashOfSeal, parseCheckpoint, parseSeal } from './seal.ts';
import type { Checkpoint } from './seal.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;
const SEALS_AT_ONCE = 200;
const ENTRIES_AT_ONCE = 2_000;

const ACT = { operation: 'audit retention', by: { type: 'server' } } as const;

/** @returns whether there may be more */
export async function forgetOldEntries(
  days: number,
  { store, transact, log }: { store: Store; transact: Transact; log: Logger },
  key: AuditKey,
  keys: AuditKeys,
): Promise<boolean> {
  const { auditLog } = store;
  const now = store.now();
  const cut = await auditLog.checkpoint();
  const from = cut === undefined ? BEGINNING : placeOf(parseCheckpoint(cut));
  const seals = await auditLog.sealsAfter(from.number, SEALS_AT_ONCE);
  const before = now.getTime() - days * DAY_MS;
  // The last seal stays: with it, the chain goes on.
  const head = await auditLog.head();
  let entries = 0;
  const old = seals.filter((row) => {
    if (row.number === head?.number || dateOfSeal(row).getTime() >= before) return false;
    entries += parseSeal(row).entries;
    return entries <= ENTRIES_AT_ONCE;
  });
  const last = old.at(-1);
  if (last === undefined) return false;
  const { place, problems } = await checkNext(from, wholeUpTo(old), keys);
  if (problems.length > 0 || place.number !== last.number) {
    log.error({ problems }, 'the audit log is broken: entries whose time is over are kept');
    return false;
  }
  const checkpoint: Checkpoint = {
    number: last.number,
    date: now.toISOString(),
    total: place.total,
    last_sid: last.last_sid,
    hash: hashOfSeal(last),
    key: key.id,
  };
  const text = JSON.stringify(checkpoint);
  const { number, last_sid } = checkpoint;
  const deleted = place.total - from.total;
  await transact(async ({ tables, audit }) => {
    await tables.auditLog.cut({ number, last_sid, checkpoint: text, mac: key.mac(text) });
    if (deleted === 0) return;
    const after = { deleted, up_to: last_sid, seal: number, hash: checkpoint.hash };
    await audit(OF_SERVER, { subject: 'audit log', after }, { act: ACT });
  });
  return true;

  /** As if there were no others. */
  function wholeUpTo(some: typeof old) {
    return {
      sealsAfter: async () => some,
      between: auditLog.between.bind(auditLog),
      checkpoint: async () => undefined,
    };
  }
}

const placeOf = ({ number, hash, last_sid: lastSid, total }: Checkpoint): Place => ({
  number,
  hash,
  lastSid,
  total,
});
