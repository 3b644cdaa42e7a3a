// The audit log as lines of JSON, which can be verified without the database: docs/audit.md describes them.
import type { AuditChain } from '../store/audit-log.ts';
import type { AuditEntryRow, AuditSealRow } from '../store/schema.ts';
import type { AuditKeys } from './audit-key.ts';
import { BEGINNING, checkSeals, END, unsealed } from './check.ts';
import type { AuditProblem, Place, Slice } from './check.ts';
import { actorName, parseEntry } from './entry.ts';
import { hashOfSeal, parseCheckpoint, parseSeal } from './seal.ts';

/** Where a file begins that does not begin with the first entry. */
interface Beginning extends Place {
  kind: 'begin';
}

/** There is no such seal, or it was deleted. */
export class NoSuchSeal extends Error {
  override name = 'NoSuchSeal';
}

const SEALS_AT_ONCE = 100;
const ENTRIES_AT_ONCE = 2_000;

/**
 * Entries as they were entered, and after them the seal that seals them; at the end those that are not sealed yet.
 * @param after the seal behind which it begins; by default, all that is kept. Throws `NoSuchSeal`.
 */
export async function* exportAuditLog(
  after: number | undefined,
  log: Pick<AuditChain, 'sealsAfter' | 'between' | 'checkpoint'>,
): AsyncIterable<string> {
  let { number, lastSid, ...rest } = await placeAfter(after, log);
  if (number > 0) {
    const begin: Beginning = { kind: 'begin', number, lastSid, ...rest };
    yield `${JSON.stringify(begin)}\n`;
  }
  for (;;) {
    const seals = await log.sealsAfter(number, SEALS_AT_ONCE);
    for (const seal of seals) {
      const entries = await entriesUpTo(lastSid, seal.last_sid, log);
      yield `${entries.map(entryLine).join('')}{"kind":"seal","mac":"${seal.mac}","seal":${seal.seal}}\n`;
      ({ number, last_sid: lastSid } = seal);
    }
    if (seals.length < SEALS_AT_ONCE) break;
  }
  yield (await entriesUpTo(lastSid, END, log)).map(entryLine).join('');
}

const entryLine = ({ mac, entry }: AuditEntryRow) =>
  `{"kind":"entry","mac":"${mac}","entry":${entry}}\n`;

async function entriesUpTo(
  after: string,
  upTo: string,
  log: Pick<AuditChain, 'between'>,
): Promise<AuditEntryRow[]> {
  const entries: AuditEntryRow[] = [];
  for (;;) {
    const some = await log.between(entries.at(-1)?.sid ?? after, upTo, ENTRIES_AT_ONCE);
    entries.push(...some);
    if (some.length < ENTRIES_AT_ONCE) return entries;
  }
}

async function placeAfter(
  after: number | undefined,
  log: Pick<AuditChain, 'sealsAfter' | 'checkpoint'>,
): Promise<Place> {
  const cut = await log.checkpoint();
  const least = cut?.number ?? 0;
  if (after !== undefined && after < least) {
    throw new NoSuchSeal(`the seals before ${least} were deleted, because their time was over`);
  }
  if (cut !== undefined && (after ?? least) === least) {
    const { number, hash, last_sid: lastSid, total } = parseCheckpoint(cut);
    return { number, hash, lastSid, total };
  }
  if (after === undefined || after === 0) return BEGINNING;
  const [row] = await log.sealsAfter(after - 1, 1);
  if (row?.number !== after) throw new NoSuchSeal(`there is no seal ${after} yet`);
  return {
    number: after,
    hash: hashOfSeal(row),
    lastSid: row.last_sid,
    total: parseSeal(row).total,
  };
}

/** Lines that are not those of an export. */
export class NotAnExport extends Error {
  override name = 'NotAnExport';
}

const ENTRY = /^\{"kind":"entry","mac":"([0-9a-f]*)","entry":(\{.*\})\}$/s;
const SEAL = /^\{"kind":"seal","mac":"([0-9a-f]*)","seal":(\{.*\})\}$/s;

/**
 * Verifies an export.
 * @param keys undefined: what only the master key can prove is not verified
 * @param tell is told the hash of each seal
 */
export async function* checkExport(
  lines: AsyncIterable<string>,
  keys: AuditKeys | undefined,
  tell: (number: number, hash: string) => void,
): AsyncIterable<Slice> {
  let place = BEGINNING;
  let entries: AuditEntryRow[] = [];
  let number = 0;
  for await (const line of lines) {
    number++;
    try {
      const [, entryMac, entry] = ENTRY.exec(line) ?? [];
      const [, sealMac, seal] = SEAL.exec(line) ?? [];
      if (entry !== undefined) entries.push(entryRow(entryMac!, entry));
      else if (seal !== undefined) {
        const slice = checkSeals(place, [sealRow(sealMac!, seal)], entries, keys);
        const left = entries.length - (slice.examined - 1);
        if (left > 0) slice.problems.push(outOfOrder(place, left));
        ({ place } = slice);
        entries = [];
        tell(place.number, place.hash);
        yield slice;
      } else if (number === 1) {
        const { kind, ...begin } = JSON.parse(line) as Beginning;
        if (kind !== 'begin') throw new SyntaxError('expected the beginning');
        place = begin;
        tell(place.number, place.hash);
      } else {
        throw new SyntaxError('expected an entry or a seal');
      }
    } catch (error) {
      if (!(error instanceof SyntaxError) && !(error instanceof TypeError)) throw error;
      throw new NotAnExport(`line ${number}: ${error.message}`);
    }
  }
  if (number === 0) throw new NotAnExport('it is empty');
  yield { ...unsealed(place, entries, keys), isEnd: true };
}

const outOfOrder = ({ number }: Place, count: number): AuditProblem => ({
  accountSid: null,
  subject: `seal ${number + 1}`,
  problem: `expected only entries that it seals before it; got ${count} more`,
});

function entryRow(mac: string, text: string): AuditEntryRow {
  const { sid, account_sid, operation, actor, changes } = parseEntry({ entry: text });
  const subject = changes.length === 1 ? changes[0]!.subject : null;
  return {
    account_sid: account_sid ?? '',
    sid,
    operation,
    actor: actorName(actor),
    subject,
    entry: text,
    mac,
  };
}

function sealRow(mac: string, text: string): AuditSealRow {
  const { number, last_sid } = parseSeal({ seal: text });
  return { number, last_sid, seal: text, mac };
}
