// Many eUICCs registered, or put into groups, at once: part by part, each of which is one transaction.
import { createHash } from 'node:crypto';
import { beginToFollow, newEuiccRow } from '../euiccs.ts';
import type { NewEuicc } from '../euiccs.ts';
import { EuiccRefused } from '../euicc-refused.ts';
import { tellEuicc } from '../tell.ts';
import { pushOrdersOf } from '../push-orders.ts';
import type { FollowContext } from '../follow-orders.ts';
import { addOperation } from '../operations/operation.ts';
import { newestKeyNumber } from '../server-keys.ts';
import type { EuiccRow } from '../../store/schema.ts';
import type { Store } from '../../store/store.ts';
import { allEnded } from '../../store/together.ts';
import type { Unit } from '../../unit.ts';
import { groupFor } from './groups.ts';

/** Rows of one transaction. */
const AT_ONCE = 250;
/** Rows of one statement: each has some twenty values. */
const IN_ONE = 50;

/** Of an eUICC that is there already, what is given is changed if that is asked for. */
export type ImportedEuicc = Omit<NewEuicc, 'certificates' | 'friendlyName'> & {
  friendlyName?: string | null | undefined;
};

export type ImportedItem = ImportedEuicc | { problem: string };

export interface ImportProblem {
  /** From 1. */
  item: number;
  /** What was expected and what came. */
  message: string;
}

export interface EuiccImport {
  count: number;
  registered: number;
  /** Were there, and have changed. */
  updated: number;
  /** Were there, and are as they were. */
  unchanged: number;
  refused: number;
  problems: ImportProblem[];
}

interface Wanted {
  items: readonly ImportedItem[];
  /** Nothing is changed if an item is wrong. */
  allOrNothing: boolean;
  /** Whether those that are there are changed. */
  update: boolean;
  dryRun: boolean;
}

/** Carries the report out of a transaction that is undone. */
class Undone extends Error {}

export async function importEuiccs(
  accountSid: string,
  { items, allOrNothing, update, dryRun }: Wanted,
  context: FollowContext,
): Promise<EuiccImport> {
  const { store, transact } = context;
  const all = checked(items);
  const report: EuiccImport = {
    count: items.length,
    registered: 0,
    updated: 0,
    unchanged: 0,
    refused: 0,
    problems: [],
  };
  if (dryRun) {
    for (const part of partsOf(all)) addTo(report, await survey(accountSid, part, update, store));
    return report;
  }
  if (!allOrNothing) {
    for (const part of partsOf(all)) {
      addTo(report, await transact((unit) => importPart(accountSid, part, update, unit)));
      await pushOrdersOf(accountSid, eidsOf(part), context);
    }
    return report;
  }
  if (all.some(({ item }) => 'problem' in item)) {
    for (const { item, number } of all) {
      if ('problem' in item) addTo(report, [{ number, outcome: item }]);
    }
    return report;
  }
  let inOne = report;
  await transact(async (unit) => {
    // It may run more than once.
    inOne = structuredClone(report);
    for (const part of partsOf(all)) {
      addTo(inOne, await importPart(accountSid, part, update, unit));
    }
    if (inOne.refused > 0) throw new Undone();
  }).catch((error: unknown) => {
    if (!(error instanceof Undone)) throw error;
    inOne = { ...inOne, registered: 0, updated: 0, unchanged: 0 };
  });
  if (inOne.refused === 0) {
    for (const part of partsOf(all)) await pushOrdersOf(accountSid, eidsOf(part), context);
  }
  return inOne;
}

interface Numbered {
  /** From 1. */
  number: number;
  item: ImportedItem;
}

/** EIDs in upper case; one that comes again is wrong. */
function checked(items: readonly ImportedItem[]): Numbered[] {
  const first = new Map<string, number>();
  return items.map((item, index): Numbered => {
    const number = index + 1;
    if ('problem' in item) return { number, item };
    const eid = item.eid.toUpperCase();
    const before = first.get(eid);
    if (before !== undefined) {
      return { number, item: { problem: `EID ${eid} is that of item ${before}, too` } };
    }
    first.set(eid, number);
    return { number, item: { ...item, eid } };
  });
}

function* partsOf(all: readonly Numbered[]): Iterable<Numbered[]> {
  for (let at = 0; at < all.length; at += AT_ONCE) yield all.slice(at, at + AT_ONCE);
}

interface Outcome {
  number: number;
  outcome: 'registered' | 'updated' | 'unchanged' | { problem: string };
}

function addTo(report: EuiccImport, outcomes: readonly Outcome[]): void {
  for (const { number, outcome } of outcomes) {
    if (typeof outcome === 'string') report[outcome]++;
    else {
      report.refused++;
      report.problems.push({ item: number, message: outcome.problem });
    }
  }
}

const eidsOf = (part: readonly Numbered[]) =>
  part.flatMap(({ item }) => ('eid' in item ? [item.eid] : []));

async function survey(
  accountSid: string,
  part: readonly Numbered[],
  update: boolean,
  { euiccs }: Pick<Store, 'euiccs'>,
): Promise<Outcome[]> {
  const known = await byEid(eidsOf(part), euiccs);
  return part.map(({ number, item }) => {
    if ('problem' in item) return { number, outcome: item };
    const row = known.get(item.eid);
    if (row === undefined) return { number, outcome: 'registered' };
    if (row.account_sid !== accountSid) return { number, outcome: taken(item.eid) };
    return { number, outcome: update ? 'updated' : 'unchanged' };
  });
}

const taken = (eid: string) => ({ problem: `An eUICC with EID ${eid} is registered already` });

async function byEid(eids: string[], euiccs: Store['euiccs']) {
  return new Map((await euiccs.findMany(eids)).map((row) => [row.eid, row]));
}

async function importPart(
  accountSid: string,
  part: readonly Numbered[],
  update: boolean,
  unit: Unit,
): Promise<Outcome[]> {
  const { tables, now } = unit;
  const known = await byEid(eidsOf(part), tables.euiccs);
  const key = await newestKeyNumber(tables);
  // A group is made for those alone that are put into it.
  const placed = part.filter(({ item }) => {
    const row = 'eid' in item ? known.get(item.eid) : undefined;
    return row === undefined || (update && row.account_sid === accountSid);
  });
  const groups = await groupsOf(accountSid, placed, unit);
  const rows = part.flatMap(({ item }) => {
    if ('problem' in item || known.has(item.eid)) return [];
    const group = item.group === undefined ? undefined : groups.get(item.group);
    if (typeof group === 'object') return [];
    const given = { ...item, friendlyName: item.friendlyName ?? null };
    return [newEuiccRow(accountSid, given, { key, groupSid: group ?? null }, unit)];
  });
  const inserted = await insert(rows, unit);
  if (inserted.size > 0) await beginToFollow(accountSid, now, unit);
  const outcomes: Outcome[] = [];
  for (const { number, item } of part) {
    outcomes.push({ number, outcome: await outcomeOf(item) });
  }
  await auditPart(accountSid, part, outcomes, unit);
  return outcomes;

  async function outcomeOf(item: ImportedItem): Promise<Outcome['outcome']> {
    if ('problem' in item) return item;
    const group = item.group === undefined ? undefined : groups.get(item.group);
    if (typeof group === 'object') return group;
    if (inserted.has(item.eid)) return 'registered';
    const row = known.get(item.eid);
    if (row?.account_sid !== accountSid) return taken(item.eid);
    if (!update) return 'unchanged';
    const changed: Partial<EuiccRow> = {
      ...(item.friendlyName === undefined ? {} : { friendly_name: item.friendlyName }),
      ...(group === undefined ? {} : { group_sid: group }),
      ...(item.metadata === undefined ? {} : { metadata: item.metadata }),
    };
    const names = Object.keys(changed) as (keyof EuiccRow)[];
    if (names.every((name) => changed[name] === row[name])) return 'unchanged';
    await tables.euiccs.update(item.eid, { ...changed, date_updated: now.toISOString() });
    return 'updated';
  }
}

/** By what was given; what is wrong with a name that is none. In one order, so that others that lock them wait, not for each other. */
async function groupsOf(
  accountSid: string,
  part: readonly Numbered[],
  unit: Unit,
): Promise<Map<string, string | { problem: string }>> {
  const names = new Set(part.flatMap(({ item }) => ('eid' in item ? (item.group ?? []) : [])));
  const groups = new Map<string, string | { problem: string }>();
  for (const name of [...names].toSorted()) {
    try {
      groups.set(name, (await groupFor(accountSid, name, unit)).sid);
    } catch (error) {
      if (!(error instanceof EuiccRefused)) throw error;
      groups.set(name, { problem: `Invalid parameter Group: ${error.message}` });
    }
  }
  return groups;
}

/** @returns the EIDs that nobody else had registered meanwhile */
async function insert(rows: readonly EuiccRow[], unit: Unit): Promise<Set<string>> {
  const inserted = new Set<string>();
  for (let at = 0; at < rows.length; at += IN_ONE) {
    const some = rows.slice(at, at + IN_ONE);
    for (const eid of await unit.tables.euiccs.insertMany(some)) inserted.add(eid);
  }
  const registered = rows.filter(({ eid }) => inserted.has(eid));
  // First, since what it signs can only be verified with its certificate.
  await allEnded(
    registered.map(async (row) => {
      await tellEuicc(row, row.state, null, null, unit);
      if (row.unsigned_results === 0) await addOperation(row, 'euiccData', {}, null, unit);
    }),
  );
  return inserted;
}

async function auditPart(
  accountSid: string,
  part: readonly Numbered[],
  outcomes: readonly Outcome[],
  { audit }: Unit,
): Promise<void> {
  const done = part.filter((_, index) => {
    const { outcome } = outcomes[index]!;
    return outcome === 'registered' || outcome === 'updated';
  });
  if (done.length === 0) return;
  const eids = eidsOf(done);
  const count = (what: string) => outcomes.filter(({ outcome }) => outcome === what).length;
  await audit(accountSid, {
    subject: 'euiccs',
    after: {
      registered: count('registered'),
      updated: count('updated'),
      first_eid: eids[0],
      digest: createHash('sha256').update(eids.join('\n')).digest('hex'),
    },
  });
}
