// Seals the entries of the audit log: each seal has the hash of the one before, so the last one seals all of them.
import { createHash, hash } from 'node:crypto';
import type { AuditLog } from '../store/audit-log.ts';
import type { AuditCheckpointRow, AuditEntryRow, AuditSealRow } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import type { Transact } from '../unit.ts';
import { dateOfSid, sidAt } from '../values/sid.ts';
import type { AuditKey } from './audit-key.ts';

/** What the JSON of a seal has, in this order. */
export interface Seal {
  number: number;
  date: string;
  /** SHA-256 of the seal before, hex; zeros for the first. */
  previous: string;
  /** How many entries it seals, and how many all seals up to it. */
  entries: number;
  total: number;
  /** SID of the last entry that it, or a seal before it, seals; empty: there was none. */
  last_sid: string;
  /** SHA-256 of the entries that it seals, hex: their JSON, each with a line feed, in the order of their SIDs. */
  digest: string;
  /** The id of the key of its MAC. */
  key: string;
}

/** What the JSON of a checkpoint has: where a chain begins whose beginning was deleted. */
export type Checkpoint = Pick<Seal, 'number' | 'date' | 'total' | 'last_sid' | 'key'> & {
  /** SHA-256 of the seal with this number. */
  hash: string;
};

export const FIRST_PREVIOUS = '0'.repeat(64);

export const hashOfSeal = ({ seal }: Pick<AuditSealRow, 'seal'>): string =>
  hash('sha256', seal, 'hex');

export const parseSeal = ({ seal }: Pick<AuditSealRow, 'seal'>): Seal => JSON.parse(seal) as Seal;
export const parseCheckpoint = ({ checkpoint }: Pick<AuditCheckpointRow, 'checkpoint'>) =>
  JSON.parse(checkpoint) as Checkpoint;

export function digestOfEntries(entries: readonly Pick<AuditEntryRow, 'entry'>[]): string {
  const digest = createHash('sha256');
  for (const { entry } of entries) digest.update(`${entry}\n`);
  return digest.digest('hex');
}

/** Entries of one seal. */
const MOST_ENTRIES = 2_000;
/** Without entries, a seal says that there are none. */
const STILL_ALIVE_MS = 60 * 60 * 1_000;

/**
 * SIDs of entries sort by the time when they were made, just before they are written. An entry becomes visible when its
 * transaction ends. So whatever is older than this, and than the oldest transaction that has written something, less the five
 * seconds in which it must be written (`TooLate`), is there or never will be.
 */
const SETTLED_MS = { sqlite: 1_000, postgres: 10_000, spread: 30_000 };
const WRITTEN_WITHIN_MS = 6_000;

/** Sorts after all entries of which none can come any more. */
async function settledBefore(
  { kind, isSpread }: Pick<Store, 'kind' | 'isSpread'>,
  log: AuditLog,
  now: Date,
): Promise<string> {
  const writing = (await log.oldestWriter())?.getTime() ?? Infinity;
  const settled = now.getTime() - SETTLED_MS[isSpread ? 'spread' : kind];
  return sidAt('auditEntry', new Date(Math.min(settled, writing - WRITTEN_WITHIN_MS)));
}

export interface Sealed {
  /** Undefined: nothing was to be sealed, or another node has sealed it. */
  row: AuditSealRow | undefined;
  /** Whether there may be more. */
  more: boolean;
}

/**
 * Seals what is settled since the last seal.
 * @param until entries with greater SIDs are not sealed yet; by default, those before which others may still come
 */
export async function sealNext(
  key: AuditKey,
  { store, transact }: { store: Store; transact: Transact },
  until?: string,
): Promise<Sealed> {
  const { auditLog: log } = store;
  const now = store.now();
  const head = await log.head();
  const last = head?.last_sid ?? '';
  const upTo = until ?? (await settledBefore(store, log, now));
  const entries = upTo > last ? await log.between(last, upTo, MOST_ENTRIES) : [];
  const before = head === undefined ? undefined : parseSeal(head);
  if (entries.length === 0) {
    if (before === undefined) return { row: undefined, more: false };
    if (now.getTime() < Date.parse(before.date) + STILL_ALIVE_MS) {
      return { row: undefined, more: false };
    }
  }
  const seal: Seal = {
    number: (head?.number ?? 0) + 1,
    date: now.toISOString(),
    previous: head === undefined ? FIRST_PREVIOUS : hashOfSeal(head),
    entries: entries.length,
    total: (before?.total ?? 0) + entries.length,
    last_sid: entries.at(-1)?.sid ?? last,
    digest: digestOfEntries(entries),
    key: key.id,
  };
  const text = JSON.stringify(seal);
  const { number, last_sid } = seal;
  const row = { number, last_sid, seal: text, mac: key.mac(text) };
  const isAdded = await transact(({ tables }) => tables.auditLog.addSeal(row));
  return { row: isAdded ? row : undefined, more: entries.length === MOST_ENTRIES };
}

/** When the entries up to a seal were made. */
export const dateOfSeal = ({ last_sid, seal }: AuditSealRow): Date =>
  last_sid === '' ? new Date(parseSeal({ seal }).date) : dateOfSid(last_sid);
