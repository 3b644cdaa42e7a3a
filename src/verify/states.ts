import { NO_BINDING, NO_ORDER, UNORDERED } from '../smdp/profile-state.ts';
import type { OrderColumns } from '../smdp/profile-state.ts';
import type { ProfileState, SubscriptionRow } from '../store/schema.ts';
import { isSid } from '../values/sid.ts';
import { violation } from './invariant.ts';
import type { Invariant, Violation } from './invariant.ts';
import { walk } from './slices.ts';

export const states: Invariant = {
  name: 'states',
  promise:
    'A profile at the SM-DP+ has everything its state requires and nothing else; in stock, nothing of any order.',
  tables: ['subscriptions'],
  check: (evidence) => walk(evidence, 'subscriptions', judge),
};

type Column = keyof OrderColumns;

/** What an order has learned once its profile is in a state. */
const NEEDED: Record<ProfileState, readonly Column[]> = {
  Available: [],
  Allocated: ['ordered_by'],
  Linked: ['ordered_by', 'eid'],
  Confirmed: ['ordered_by', 'matching_id'],
  Released: ['ordered_by', 'matching_id', 'date_released'],
  Downloaded: ['ordered_by', 'matching_id', 'date_released', 'eid'],
  Installed: ['ordered_by', 'matching_id', 'eid'],
  Error: ['ordered_by', 'matching_id'],
  Unavailable: [],
};

const columnsOf = (columns: object) => Object.keys(columns) as Column[];

function judge(rows: SubscriptionRow[]): Violation[] {
  return rows.flatMap((row) =>
    [...problemsOf(row)].map((problem) =>
      violation(row, row.iccid, `it is ${row.state}, but ${problem}`),
    ),
  );
}

function* problemsOf(row: SubscriptionRow): Iterable<string> {
  const { state } = row;
  if (row.held_since !== null && state === 'Available')
    yield `is held back since ${row.held_since}`;
  const isAfterAll = state === 'Installed' || state === 'Error';
  if (row.known_absent === 1 && !isAfterAll) yield 'is known to be absent from its eUICC';
  // Cancelled after its package had left.
  const isKept = state === 'Unavailable' && row.ordered_by !== null;
  if (UNORDERED.includes(state) && !isKept) {
    const left = columnsOf(NO_ORDER).filter((column) => row[column] !== NO_ORDER[column]);
    if (left.length > 0) yield `has ${left.join(', ')} of an order`;
    return;
  }
  const missing = (isKept ? NEEDED.Downloaded : NEEDED[state]).filter(
    (column) => row[column] === null,
  );
  if (missing.length > 0) yield `has no ${missing.join(', ')}`;
  if (row.matching_id === '' && row.eid === null) {
    yield 'has neither a matching ID nor an EID: nobody could claim it';
  }
  const needsReason = state === 'Error' && isSid('esimProfile', row.ordered_by ?? '');
  if (needsReason && row.ended_reason === null) yield 'has no ended_reason';
  if (state !== 'Error' && row.ended_reason !== null) yield `has ended_reason ${row.ended_reason}`;
  const binding = columnsOf(NO_BINDING).filter((column) => row[column] !== null);
  if (binding.length > 0 && state !== 'Downloaded') yield `has ${binding.join(', ')} of a download`;
  if (binding.length === 1) yield `has ${binding[0]} without the other half of its binding`;
}
