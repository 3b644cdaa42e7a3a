// Verifies the audit log, slice by slice: that nothing of it was changed, removed, inserted or put elsewhere.
import type { AuditChain } from '../store/audit-log.ts';
import type { AuditCheckpointRow, AuditEntryRow, AuditSealRow } from '../store/schema.ts';
import type { AuditKeys } from './audit-key.ts';
import { actorName, parseEntry } from './entry.ts';
import type { Entry } from './entry.ts';
import { digestOfEntries, FIRST_PREVIOUS, hashOfSeal, parseCheckpoint, parseSeal } from './seal.ts';
import type { Checkpoint, Seal } from './seal.ts';

/** How far a chain is verified. */
export interface Place {
  /** Of the last seal. */
  number: number;
  hash: string;
  lastSid: string;
  total: number;
}

export interface AuditProblem {
  accountSid: string | null;
  /** An entry or a seal. */
  subject: string;
  /** What was expected, and what was found. */
  problem: string;
}

export interface Slice {
  place: Place;
  problems: AuditProblem[];
  /** Entries and seals. */
  examined: number;
  isEnd: boolean;
}

export const BEGINNING: Place = { number: 0, hash: FIRST_PREVIOUS, lastSid: '', total: 0 };

/** Sorts after every SID, also after what somebody has inserted as one. */
export const END = '\u{10FFFF}';
const SEALS_AT_ONCE = 200;
const ENTRIES_AT_ONCE = 2_000;

/** @param log of one view, or else it is read in an order in which what is deleted meanwhile is noticed */
export async function checkNext(
  from: Place,
  log: Pick<AuditChain, 'sealsAfter' | 'between' | 'checkpoint'>,
  keys: AuditKeys | undefined,
): Promise<Slice> {
  const seals = await log.sealsAfter(from.number, SEALS_AT_ONCE);
  const until = seals.at(-1)?.last_sid ?? END;
  const entries = await log.between(from.lastSid, until, ENTRIES_AT_ONCE);
  const cut = await log.checkpoint();
  if (cut !== undefined && cut.number > from.number) {
    const before = await log.between('', cut.last_sid, ENTRIES_AT_ONCE);
    return startAt(cut, seals, before, keys);
  }
  if (seals.length === 0) return unsealed(from, entries, keys);
  const isAll = entries.length < ENTRIES_AT_ONCE;
  const seen = isAll ? until : entries.at(-1)!.sid;
  // One seal at least: it may seal as many entries as are read at once, or, forged, more.
  const covered = seals.filter(({ last_sid: last }, index) => index === 0 || last <= seen);
  return checkSeals(from, covered, entries, keys);
}

/** Seals with their entries, in their order. */
export function checkSeals(
  from: Place,
  seals: readonly AuditSealRow[],
  entries: readonly AuditEntryRow[],
  keys: AuditKeys | undefined,
): Slice {
  const problems: AuditProblem[] = [];
  let place = from;
  let at = 0;
  for (const row of seals) {
    let end = at;
    while (end < entries.length && entries[end]!.sid <= row.last_sid) end++;
    const own = entries.slice(at, end);
    at = end;
    problems.push(...problemsOfSeal(row, place, own, keys));
    problems.push(...own.flatMap((entry) => problemsOfEntry(entry, keys)));
    place = after(row, place);
  }
  return { place, problems, examined: seals.length + at, isEnd: false };
}

/** The entries that no seal seals yet: nothing tells of one that is missing. */
export function unsealed(
  from: Place,
  entries: readonly AuditEntryRow[],
  keys: AuditKeys | undefined,
): Slice {
  const problems = entries.flatMap((entry) => problemsOfEntry(entry, keys));
  const lastSid = entries.at(-1)?.sid ?? from.lastSid;
  const isEnd = entries.length < ENTRIES_AT_ONCE;
  return { place: { ...from, lastSid }, problems, examined: entries.length, isEnd };
}

/**
 * A chain that begins with a checkpoint, whose seal is kept.
 * @param entries of before it, which were deleted with it: those that are there were inserted since, unless they are just being
 *   deleted, and then their MACs are right
 */
function startAt(
  row: AuditCheckpointRow,
  seals: readonly AuditSealRow[],
  entries: readonly AuditEntryRow[],
  keys: AuditKeys | undefined,
): Slice {
  const { number, last_sid: lastSid } = row;
  const subject = `checkpoint ${number}`;
  const problems: AuditProblem[] = [];
  const add = (problem: string) => problems.push({ accountSid: null, subject, problem });
  const said = read<Checkpoint>(() => parseCheckpoint(row));
  if (said === undefined || said.number !== number || said.last_sid !== lastSid) {
    add('its columns say something else than what was sealed');
  } else {
    const wrong = problemOfMac(said.key, row.checkpoint, row.mac, keys);
    if (wrong !== undefined) add(wrong);
  }
  const seal = seals.find((one) => one.number === number);
  if (seal !== undefined && said !== undefined && hashOfSeal(seal) !== said.hash) {
    add(`expected the seal ${number} with the hash ${said.hash}; got ${hashOfSeal(seal)}`);
  }
  if (seal === undefined && (seals.at(-1)?.number ?? Infinity) > number) {
    add(`its seal ${number} is missing`);
  }
  problems.push(...entries.flatMap((entry) => problemsOfEntry(entry, keys)));
  const place = {
    number,
    hash: said?.hash ?? FIRST_PREVIOUS,
    lastSid,
    total: said?.total ?? 0,
  };
  return { place, problems, examined: 1 + entries.length, isEnd: false };
}

function problemsOfSeal(
  row: AuditSealRow,
  before: Place,
  entries: readonly AuditEntryRow[],
  keys: AuditKeys | undefined,
): AuditProblem[] {
  const problems: AuditProblem[] = [];
  const add = (problem: string) =>
    problems.push({ accountSid: null, subject: `seal ${row.number}`, problem });
  if (row.number !== before.number + 1) {
    const missing = `${before.number + 1} to ${row.number - 1}`;
    add(`expected the seal ${before.number + 1}; the seals ${missing} are missing`);
  }
  const seal = read<Seal>(() => parseSeal(row));
  if (seal === undefined || seal.number !== row.number || seal.last_sid !== row.last_sid) {
    add('its columns say something else than what was sealed');
    return problems;
  }
  const wrong = problemOfMac(seal.key, row.seal, row.mac, keys);
  if (wrong !== undefined) add(wrong);
  if (row.number === before.number + 1 && seal.previous !== before.hash) {
    add(`expected the hash ${before.hash} of the seal before; got ${seal.previous}`);
  }
  if (entries.length !== seal.entries) {
    const first = entries[0]?.sid ?? 'none';
    add(
      `expected ${seal.entries} entries up to ${row.last_sid}; got ${entries.length}, the first of them ${first}: ` +
        (entries.length < seal.entries ? 'some were removed' : 'some were inserted'),
    );
  } else if (digestOfEntries(entries) !== seal.digest) {
    add(`the ${seal.entries} entries up to ${row.last_sid} are not those that were sealed`);
  }
  return problems;
}

function problemsOfEntry(row: AuditEntryRow, keys: AuditKeys | undefined): AuditProblem[] {
  const entry = read<Entry>(() => parseEntry(row));
  const problem =
    entry === undefined
      ? 'expected the JSON of an entry'
      : (problemOfMac(entry.key, row.entry, row.mac, keys) ?? problemOfColumns(row, entry));
  if (problem === undefined) return [];
  return [{ accountSid: row.account_sid || null, subject: row.sid, problem }];
}

function problemOfColumns(row: AuditEntryRow, entry: Entry): string | undefined {
  const subjects = entry.changes?.length === 1 ? entry.changes[0]!.subject : null;
  if (
    entry.sid === row.sid &&
    (entry.account_sid ?? '') === row.account_sid &&
    entry.operation === row.operation &&
    actorName(entry.actor) === row.actor &&
    subjects === row.subject
  ) {
    return undefined;
  }
  return 'its columns say something else than what was entered';
}

/** @param keys undefined: MACs are not verified */
function problemOfMac(
  key: string,
  text: string,
  mac: string,
  keys: AuditKeys | undefined,
): string | undefined {
  if (keys === undefined || keys.get(key)?.mac(text) === mac) return undefined;
  return keys.has(key)
    ? 'its MAC is wrong: it was changed, or made by somebody without the master key'
    : `its key ${key} is not known: it is that of another master key`;
}

const after = (row: AuditSealRow, before: Place): Place => ({
  number: row.number,
  hash: hashOfSeal(row),
  lastSid: row.last_sid,
  total: read(() => parseSeal(row).total) ?? before.total,
});

/** Undefined: it is not what it should be. */
function read<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}
