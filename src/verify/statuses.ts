import type { Kysely } from 'kysely';
import { formatActivationCode } from '../rsp/activation-code.ts';
import type {
  EsimProfileRow,
  EsimProfileStatus,
  ProfileState,
  SubscriptionRow,
  Tables,
} from '../store/schema.ts';
import { violation } from './invariant.ts';
import type { Evidence, Invariant, Violation } from './invariant.ts';
import { findRelated, valuesOf } from './related.ts';
import { walk } from './slices.ts';

const PROFILE_COLUMNS = [
  'state',
  'matching_id',
  'confirmation_code',
] as const satisfies (keyof SubscriptionRow)[];
type Profile = Pick<SubscriptionRow, (typeof PROFILE_COLUMNS)[number]>;

export const statuses: Invariant = {
  name: 'statuses',
  promise:
    'The status of an order, the fields it has, and the state of its profile at the SM-DP+ (§3.1.6) agree.',
  tables: ['esim_profiles'],
  check: (evidence) => walk(evidence, 'esim_profiles', (rows, db) => judge(rows, db, evidence)),
};

/** The states that the profile of an order may have. */
const STATES: Record<EsimProfileStatus, readonly ProfileState[]> = {
  new: [],
  reserving: ['Allocated', 'Linked', 'Confirmed', 'Released'],
  available: ['Released'],
  downloaded: ['Downloaded'],
  installed: ['Installed'],
  // Unavailable: cancelled after its package had left.
  failed: ['Error', 'Unavailable'],
};

async function judge(
  rows: EsimProfileRow[],
  db: Kysely<Tables>,
  { isRented }: Pick<Evidence, 'isRented'>,
): Promise<Violation[]> {
  const asked = valuesOf(rows, ({ sid }) => sid);
  const profiles = await findRelated(db, 'subscriptions', 'ordered_by', asked, PROFILE_COLUMNS);
  return rows.flatMap((row) =>
    [...problemsOf(row, profiles.one(row, row.sid), isRented)].map((problem) =>
      violation(row, row.sid, `it is ${row.status}, ${problem}`),
    ),
  );
}

/** Filled in when a profile is reserved; a failed order may have got so far or not. */
const RESERVED = ['iccid', 'sim_sid', 'smdp_plus_address'] as const;
const BY_MATCHING_ID = ['matching_id', 'activation_code'] as const;
const FAILURE = ['error_code', 'error_message'] as const;

function* problemsOf(
  row: EsimProfileRow,
  profile: Profile | undefined,
  isRented: boolean,
): Iterable<string> {
  const { status } = row;
  if (profile !== undefined && !STATES[status].includes(profile.state)) {
    yield `but its profile at the SM-DP+ is ${profile.state}`;
  }
  const isReserved =
    status === 'failed' ? row.iccid !== null : status !== 'new' && status !== 'reserving';
  const hasMatchingId = isReserved && row.generate_matching_id === 1;
  yield* filled(row, RESERVED, isReserved);
  yield* filled(row, BY_MATCHING_ID, hasMatchingId);
  yield* filled(row, FAILURE, status === 'failed');
  // §5.3.5: an SM-DP+ that reports need not tell the EID.
  const hasDevice = status === 'downloaded' || status === 'installed';
  if (hasDevice && !isRented) yield* filled(row, ['eid'], true);
  if (status === 'installed') yield* filled(row, ['confirmation_code'], false);
  if (isReserved && profile !== undefined) yield* problemsOfClaim(row, profile);
}

function* filled(
  row: EsimProfileRow,
  columns: readonly (keyof EsimProfileRow)[],
  expected: boolean,
): Iterable<string> {
  for (const column of columns) {
    if ((row[column] !== null) === expected) continue;
    yield expected ? `but has no ${column}` : `but has ${column} '${String(row[column])}'`;
  }
}

/** What a device claims the profile with. */
function* problemsOfClaim(row: EsimProfileRow, profile: Profile): Iterable<string> {
  const matchingId = row.generate_matching_id === 1 ? row.matching_id : '';
  if (profile.matching_id !== matchingId) {
    yield `and its matching ID is '${matchingId}', but '${profile.matching_id}' at the SM-DP+`;
  }
  const { smdp_plus_address: smdpAddress, activation_code: activationCode } = row;
  if (!matchingId || smdpAddress === null || activationCode === null) return;
  const expected = codeOf(smdpAddress, matchingId, profile.confirmation_code !== null);
  if (activationCode === expected) return;
  yield `and its activation code is '${activationCode}', not '${expected}'`;
}

function codeOf(
  smdpAddress: string,
  matchingId: string,
  confirmationCodeRequired: boolean,
): string | undefined {
  try {
    return formatActivationCode({ smdpAddress, matchingId, confirmationCodeRequired });
  } catch (error) {
    // What it would be made of is damaged.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
