import type { Kysely } from 'kysely';
import { esimProfileParameters } from '../operator/callback.ts';
import { OUTBOX_LIFETIME_MS } from '../process/retention.ts';
import type { CallbackRow, EsimProfileRow, EsimProfileStatus, Tables } from '../store/schema.ts';
import { EVENT_COLUMNS, inOrder } from './histories.ts';
import type { Event } from './histories.ts';
import { oneByOne, violation } from './invariant.ts';
import type { Invariant, Violation } from './invariant.ts';
import { isSame } from './packages.ts';
import { findRelated, valuesOf } from './related.ts';
import { walk } from './slices.ts';

const COLUMNS = [
  'sid',
  'receiver',
  'url',
  'method',
  'parameters',
] as const satisfies (keyof CallbackRow)[];
type Callback = Pick<CallbackRow, (typeof COLUMNS)[number]>;
type Owner = Pick<CallbackRow, 'account_sid' | 'sid' | 'resource_sid'>;

export const callbacks: Invariant = {
  name: 'callbacks',
  promise:
    'Every transition and other change of an order with a callback URL of its own has exactly one callback, which says what happened; no callback says anything else.',
  tables: ['esim_profiles', 'callbacks'],
  check: (evidence) =>
    oneByOne(
      walk(evidence, 'esim_profiles', (rows, db) => judgeOrders(rows, db, evidence.now)),
      walk(evidence, 'callbacks', judgeOwners, { columns: ['resource_sid'] }),
    ),
};

/** Callbacks that were delivered are kept so long; a little less, since the deletion goes by its own time. */
export const KEPT_MS = OUTBOX_LIFETIME_MS - 60 * 60 * 1_000;

async function judgeOrders(
  rows: EsimProfileRow[],
  db: Kysely<Tables>,
  now: Date,
): Promise<Violation[]> {
  const asked = valuesOf(rows, ({ sid }) => sid);
  const told = await findRelated(db, 'callbacks', 'resource_sid', asked, COLUMNS);
  const calling = rows.filter((row) => row.callback_url !== null || told.one(row, row.sid));
  const events = await findRelated(
    db,
    'esim_profile_events',
    'esim_profile_sid',
    valuesOf(calling, ({ sid }) => sid),
    EVENT_COLUMNS,
  );
  const keptSince = now.getTime() - KEPT_MS;
  return calling.flatMap((row) => {
    const written = inOrder(events.all(row, row.sid)).filter(({ type }) => type !== 'notification');
    return [...judgeOrder(row, momentsOf(row, written), told.all(row, row.sid), keptSince)];
  });
}

/** A transition or another change, and the resource as it was made by it. */
interface Moment {
  type: Event['type'];
  previous: EsimProfileStatus;
  date: string;
  /** As far as it can be known: the case of its EID may have been another one. */
  row: EsimProfileRow;
  /** Whether other changes followed, so that what these may change is not known. */
  isOlder: boolean;
}

const UNRESERVED = {
  iccid: null,
  sim_sid: null,
  smdp_plus_address: null,
  matching_id: null,
  activation_code: null,
};
const NO_ERROR = { error_code: null, error_message: null };
/** What changes other than of the status may change. */
const CHANGING = new Set([
  'Changed',
  'Eid',
  'SmdpPlusAddress',
  'MatchingId',
  'ActivationCode',
  'ExpiresAt',
  'ReplacedBySid',
  'FriendlyName',
  'Metadata',
]);

function momentsOf(row: EsimProfileRow, events: Event[]): Moment[] {
  let updated = row.date_created;
  const lastChange = events.findLastIndex(({ type }) => type === 'change');
  return events.flatMap(
    ({ type, status, previous_status: previous, date_created: date }, index) => {
      if (date > updated) updated = date;
      if (previous === null) return [];
      const isReserved = status !== 'reserving' && status !== 'new';
      const then = {
        ...row,
        ...(isReserved ? {} : UNRESERVED),
        ...(status === 'failed' ? {} : NO_ERROR),
        status,
        date_updated: updated,
      };
      return { type, previous, date, row: then, isOlder: index < lastChange };
    },
  );
}

/** What a callback tells, as far as it says so itself. */
interface Told {
  callback: Callback;
  parameters: Map<string, string>;
  /** `PREVIOUS → STATUS` */
  step: string;
}

function* judgeOrder(
  row: EsimProfileRow,
  moments: Moment[],
  callbacksOfOrder: readonly Callback[],
  keptSince: number,
): Iterable<Violation> {
  const told = callbacksOfOrder
    .toSorted((one, other) => (one.sid < other.sid ? -1 : 1))
    .map((callback): Told => {
      const parameters = parse(callback.parameters);
      const step = `${parameters.get('PreviousStatus')} → ${parameters.get('Status')}`;
      return { callback, parameters, step };
    });
  const [ofChanges, ofSteps] = [true, false].map((isChange) =>
    told.filter(({ parameters }) => parameters.has('Changed') === isChange),
  ) as [Told[], Told[]];
  yield* judgeSteps(
    row,
    moments.filter(({ type }) => type === 'status'),
    ofSteps,
    keptSince,
  );
  yield* judgeChanges(
    row,
    moments.filter(({ type }) => type === 'change'),
    ofChanges,
    keptSince,
  );
}

function* judgeSteps(
  row: EsimProfileRow,
  transitions: Moment[],
  told: Told[],
  keptSince: number,
): Iterable<Violation> {
  const tellers = new Map<string, string>();
  for (const one of told) {
    const { callback, step } = one;
    const transition = transitions.find((moment) => nameOf(moment) === step);
    if (row.callback_off === 1 || transition === undefined) {
      const why = row.callback_off === 1 ? 'has no callbacks' : 'has no such transition';
      yield violation(row, callback.sid, `it tells ${step} of ${row.sid}, which ${why}`);
      continue;
    }
    const first = tellers.get(step);
    if (first !== undefined) {
      yield violation(row, callback.sid, `it tells ${step} of ${row.sid}, as ${first} does`);
    }
    tellers.set(step, callback.sid);
    yield* compare(row, one, transition);
  }
  // Without one, they went to the URL that the account had at the time, if any.
  if (row.callback_url === null) return;
  for (const transition of transitions) {
    if (tellers.has(nameOf(transition)) || Date.parse(transition.date) < keptSince) continue;
    yield violation(row, row.sid, `no callback tells ${nameOf(transition)} of ${transition.date}`);
  }
}

/** Each change has its callback, in the same order; the oldest may have been deleted. */
function* judgeChanges(
  row: EsimProfileRow,
  changes: Moment[],
  told: Told[],
  keptSince: number,
): Iterable<Violation> {
  const kept = changes.slice(Math.max(0, changes.length - told.length));
  const owed = changes.filter(({ date }) => Date.parse(date) >= keptSince);
  const isOwed = row.callback_url !== null;
  if (told.length > changes.length || (isOwed && told.length < owed.length)) {
    const problem = `it was changed ${changes.length} times, but ${told.length} callbacks tell a change`;
    yield violation(row, row.sid, problem);
    return;
  }
  for (const [index, one] of told.entries()) yield* compare(row, one, kept[index]!);
}

function* compare(row: EsimProfileRow, one: Told, moment: Moment): Iterable<Violation> {
  const { callback, step } = one;
  for (const problem of problemsOf(one, moment)) {
    yield violation(row, callback.sid, `it tells ${step} of ${row.sid}, but ${problem}`);
  }
}

const nameOf = ({ previous, row }: Moment) => `${previous} → ${row.status}`;

function parse(parameters: string): Map<string, string> {
  try {
    return new Map(JSON.parse(parameters) as [string, string][]);
  } catch {
    return new Map();
  }
}

function* problemsOf(
  { callback: { url, receiver, method }, parameters }: Told,
  { previous, date, row, isOlder }: Moment,
): Iterable<string> {
  if (row.callback_url !== null && method !== row.callback_method) {
    yield `goes by ${method}, not ${row.callback_method}`;
  }
  if (URL.parse(url)?.origin !== receiver) yield `its receiver ${receiver} is not that of its URL`;
  const eid = parameters.get('Eid') ?? null;
  // Until a device comes it is as it was ordered; and older versions told the date of the event, and no profile type.
  const isOrdered = row.status === 'reserving' || row.status === 'available';
  const then = {
    ...row,
    profile_type: parameters.has('ProfileType') ? row.profile_type : null,
    eid: isSame(eid, row.eid) || (isOrdered && eid === null) ? eid : row.eid,
    date_updated: parameters.get('DateUpdated') === date ? date : row.date_updated,
  };
  const changed = parameters.get('Changed')?.split(',') ?? [];
  const isKnown = ([name]: readonly [string, string]) => !isOlder || !CHANGING.has(name);
  const expected = esimProfileParameters(then, previous, changed).filter(isKnown);
  const found = [...parameters].filter(isKnown);
  if (JSON.stringify(expected) === JSON.stringify(found)) return;
  const wrong = expected.filter(([name, value]) => parameters.get(name) !== value);
  yield wrong.length === 0
    ? 'with more parameters than that has'
    : `another ${wrong.map(([name]) => name).join(', ')} than that had`;
}

async function judgeOwners(rows: Owner[], db: Kysely<Tables>): Promise<Violation[]> {
  const asked = valuesOf(rows, (row) => row.resource_sid);
  const orders = await findRelated(db, 'esim_profiles', 'sid', asked, ['sid']);
  const sims = await findRelated(db, 'sims', 'sid', asked, ['sid']);
  const batches = await findRelated(db, 'batches', 'sid', asked, ['sid']);
  const bulks = await findRelated(db, 'bulk_operations', 'sid', asked, ['sid']);
  const thresholds = await findRelated(db, 'stock_thresholds', 'sid', asked, ['sid']);
  const euiccs = await findRelated(db, 'euiccs', 'sid', asked, ['sid']);
  const left = rows.filter((row) =>
    [orders, sims, batches, bulks, thresholds, euiccs].every(
      (owners) => owners.one(row, row.resource_sid) === undefined,
    ),
  );
  // An eUICC that was removed: its events are kept for longer than its callbacks.
  const others = valuesOf(left, (row) => row.resource_sid);
  const removed = await findRelated(db, 'euicc_events', 'euicc_sid', others, ['euicc_sid']);
  return left
    .filter((row) => removed.one(row, row.resource_sid) === undefined)
    .map((row) => violation(row, row.sid, `it tells of ${row.resource_sid}, which does not exist`));
}
