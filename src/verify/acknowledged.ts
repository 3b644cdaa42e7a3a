// Orders that a client was told of with 2xx, against what is there.
import type { Kysely } from 'kysely';
import { ESIM_PROFILE_STATUSES, mayFollow } from '../operator/esim-profile.ts';
import type { EsimProfileRow, EsimProfileStatus, Tables } from '../store/schema.ts';
import { isSid } from '../values/sid.ts';
import { violation } from './invariant.ts';
import type { Invariant, Violation } from './invariant.ts';
import { isSame } from './packages.ts';
import { findRelated } from './related.ts';
import type { Related } from './related.ts';

/** Fields of a response that never change once they are set, unless the owner changes them. */
const KEPT = [
  'iccid',
  'sim_sid',
  'smdp_plus_address',
  'matching_id',
  'activation_code',
  'error_code',
  'error_message',
  'date_created',
] as const satisfies (keyof EsimProfileRow)[];

/** Fields that the owner of an order may change. */
const CHANGEABLE: readonly string[] = ['matching_id', 'activation_code', 'eid'];

/** Fields that are examined; `date_updated` may get later, and an EID may be written otherwise. */
const TEXTS = ['account_sid', 'eid', ...KEPT, 'date_updated'] as const;

/** What a client was told of an order: its SID, or a whole answer. */
type Told = { sid: string; status?: EsimProfileStatus } & Partial<
  Record<(typeof TEXTS)[number], string | null>
>;

/** A line that is neither a SID nor an answer. */
export class AcknowledgedError extends Error {
  override name = 'AcknowledgedError';
}

const AT_ONCE = 1_000;

/** @param lines each the SID of an eSIM Profile, or an answer of the API as JSON; empty ones are skipped */
export function acknowledged(lines: AsyncIterable<string>): Invariant {
  return {
    name: 'acknowledged',
    promise:
      'Every order that a client was told about exists, still has what the client was told, and has not gone back to an earlier status.',
    tables: [],
    async *check({ snapshots, examined }) {
      const accounts = await snapshots.read(listAccounts);
      for await (const batch of batches(lines)) {
        yield* await snapshots.read((db) => judge(batch, accounts, db));
        examined(batch.length);
      }
    },
  };
}

async function listAccounts(db: Kysely<Tables>): Promise<string[]> {
  const rows = await db.selectFrom('accounts').select('sid').execute();
  return rows.map(({ sid }) => sid);
}

async function* batches(lines: AsyncIterable<string>): AsyncIterable<Told[]> {
  let batch: Told[] = [];
  let number = 0;
  for await (const line of lines) {
    number++;
    const text = line.trim();
    if (text === '') continue;
    batch.push(parse(text, number));
    if (batch.length < AT_ONCE) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Throws `AcknowledgedError`. */
function parse(text: string, number: number): Told {
  const told = text.startsWith('{') ? parseJson(text) : { sid: text };
  if (typeof told?.sid !== 'string' || !isSid('esimProfile', told.sid)) {
    throw new AcknowledgedError(
      `line ${number}: expected the SID of an eSIM Profile (HP…), or an answer as JSON with its sid; got ${shown(text)}`,
    );
  }
  const { status } = told;
  if (status !== undefined && !ESIM_PROFILE_STATUSES.includes(status)) {
    throw new AcknowledgedError(
      `line ${number}: expected status to be one of ${ESIM_PROFILE_STATUSES.join(', ')}; got ${shown(status)}`,
    );
  }
  for (const field of TEXTS) {
    const value: unknown = told[field] ?? null;
    if (value === null || typeof value === 'string') continue;
    throw new AcknowledgedError(
      `line ${number}: expected ${field} to be text or null; got ${shown(value)}`,
    );
  }
  return told;
}

/** The file may hold anything. */
function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const start = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  return `'${start.replaceAll(/\p{Cc}/gu, '\u{FFFD}')}'`;
}

function parseJson(text: string): Told | undefined {
  try {
    return JSON.parse(text) as Told;
  } catch {
    return undefined;
  }
}

async function judge(
  batch: Told[],
  accounts: readonly string[],
  db: Kysely<Tables>,
): Promise<Violation[]> {
  const asked = batch.flatMap(({ sid, account_sid: known }) =>
    (known == null ? accounts : [known]).map((account_sid) => ({ account_sid, value: sid })),
  );
  const orders = await findRelated(db, 'esim_profiles', 'sid', asked, [
    'account_sid',
    'status',
    'eid',
    'revision',
    'date_updated',
    ...KEPT,
  ]);
  return batch.flatMap((told) => {
    const row = find(told, accounts, orders);
    const owner = { account_sid: told.account_sid ?? row?.account_sid ?? null };
    if (row === undefined) {
      return [violation(owner, told.sid, 'a client was told of this order, but it is not there')];
    }
    return [...problemsOf(told, row)].map((problem) => violation(owner, told.sid, problem));
  });
}

type Order = Pick<EsimProfileRow, 'status' | 'revision' | (typeof TEXTS)[number]>;

function find(told: Told, accounts: readonly string[], orders: Related<Order>): Order | undefined {
  const of = told.account_sid == null ? accounts : [told.account_sid];
  for (const account_sid of of) {
    const row = orders.one({ account_sid }, told.sid);
    if (row !== undefined) return row;
  }
  return undefined;
}

function* problemsOf(told: Told, row: Order): Iterable<string> {
  if (told.status !== undefined && !canHaveBecome(told.status, row.status)) {
    yield `a client was told that it is ${told.status}, but now it is ${row.status}`;
  }
  const isKept = (field: string) => row.revision === 0 || !CHANGEABLE.includes(field);
  for (const field of KEPT.filter(isKept)) {
    const value = told[field] ?? null;
    if (value === null || value === row[field]) continue;
    yield `a client was told that its ${field} is '${value}', but now it is '${row[field] ?? 'null'}'`;
  }
  if (told.eid != null && isKept('eid') && !isSame(told.eid, row.eid)) {
    yield `a client was told that its eid is '${told.eid}', but now it is '${row.eid ?? 'null'}'`;
  }
  if (told.date_updated != null && told.date_updated > row.date_updated) {
    yield `a client was told that it was updated at ${told.date_updated}, but now that is ${row.date_updated}`;
  }
}

function canHaveBecome(from: EsimProfileStatus, to: EsimProfileStatus): boolean {
  if (from === to) return true;
  return ESIM_PROFILE_STATUSES.some((next) => mayFollow(from, next) && canHaveBecome(next, to));
}
