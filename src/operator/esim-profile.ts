// The life cycle of an eSIM Profile: its statuses, and the only function that changes them.
import { Conflict } from '../store/errors.ts';
import type {
  EsimProfileEventRow,
  EsimProfileMetadataRow,
  EsimProfileRow,
  EsimProfileStatus,
} from '../store/schema.ts';
import type { Unit } from '../unit.ts';
import { allEnded } from '../store/together.ts';
import { enqueueEsimProfileCallback } from './callback.ts';
import { apiDate } from '../values/date.ts';
import { ignoringCase } from '../values/ignoring-case.ts';
import { parseMetadata } from './owner-fields.ts';
import { renderEsimProfile } from './resource.ts';
import { dateOfSid } from '../values/sid.ts';

export const ESIM_PROFILE_STATUSES = [
  'new',
  'reserving',
  'available',
  'downloaded',
  'installed',
  'failed',
] as const satisfies EsimProfileStatus[];

/** A status never goes back; `installed` and `failed` are final. */
const NEXT: Record<EsimProfileStatus, readonly EsimProfileStatus[]> = {
  new: ['reserving', 'failed'],
  reserving: ['available', 'failed'],
  available: ['downloaded', 'failed'],
  downloaded: ['installed', 'failed'],
  installed: [],
  failed: [],
};

export function mayFollow(from: EsimProfileStatus, to: EsimProfileStatus): boolean {
  return NEXT[from].includes(to);
}

/** Fields that a change of status may fill in. */
export type LearnedFields = Partial<
  Pick<
    EsimProfileRow,
    | 'iccid'
    | 'sim_sid'
    | 'eid'
    | 'smdp_plus_address'
    | 'matching_id'
    | 'activation_code'
    | 'error_code'
    | 'error_message'
    | 'confirmation_code'
    | 'eid_learned'
    | 'profile_type'
    | 'profile_type_learned'
  >
>;

/** Fields that may change while the status stays. */
export type ChangedFields = Partial<
  Pick<
    EsimProfileRow,
    | 'eid'
    | 'generate_matching_id'
    | 'smdp_plus_address'
    | 'matching_id'
    | 'activation_code'
    | 'confirmation_code'
    | 'expires_at'
    | 'replaced_by_sid'
    | 'friendly_name'
    | 'metadata'
  >
>;

/** What an owner has changed, as told in callbacks. */
export type Changed =
  | 'MatchingId'
  | 'Eid'
  | 'ConfirmationCode'
  | 'ExpiresAt'
  | 'ReplacedBySid'
  | 'FriendlyName'
  | 'Metadata';

/** Why a status changed, for the history. */
export interface Cause {
  cause: string;
  detail?: string;
}

/** What an order is placed with. */
export type NewEsimProfile = Pick<
  EsimProfileRow,
  | 'account_sid'
  | 'eid'
  | 'generate_matching_id'
  | 'profile_type'
  | 'confirmation_code'
  | 'callback_url'
  | 'callback_method'
> &
  Partial<
    Pick<
      EsimProfileRow,
      | 'sid'
      | 'chosen_matching_id'
      | 'callback_off'
      | 'expires_at'
      | 'replaces_sid'
      | 'batch_sid'
      | 'request_id'
      | 'wanted_iccid'
      | 'friendly_name'
      | 'metadata'
      | 'profile_type_learned'
    >
  >;

/** Stores a new order with its first event. */
export async function insertEsimProfile(
  fields: NewEsimProfile,
  cause: Cause,
  unit: Unit,
): Promise<EsimProfileRow> {
  const { sid = unit.sids.next('esimProfile', unit.now) } = fields;
  // From the SID, which stands for the date in sorting and filtering.
  const date = apiDate(dateOfSid(sid));
  const row = {
    ...fields,
    callback_off: fields.callback_off ?? (0 as const),
    chosen_matching_id: fields.chosen_matching_id ?? null,
    profile_type_learned: fields.profile_type_learned ?? (0 as const),
    friendly_name: fields.friendly_name ?? null,
    metadata: fields.metadata ?? null,
    eid_learned: 0 as const,
    expires_at: fields.expires_at ?? null,
    replaces_sid: fields.replaces_sid ?? null,
    replaced_by_sid: null,
    batch_sid: fields.batch_sid ?? null,
    request_id: fields.request_id ?? null,
    wanted_iccid: fields.wanted_iccid ?? null,
    revision: 0,
    sid,
    status: 'new' as const,
    iccid: null,
    sim_sid: null,
    smdp_plus_address: null,
    matching_id: null,
    activation_code: null,
    error_code: null,
    error_message: null,
    date_created: date,
    date_updated: date,
  };
  const rendered = withDerived(row);
  const pairs = pairsOf(rendered);
  await allEnded([
    unit.tables.esimProfiles.insert(rendered),
    ...(pairs.length > 0 ? [unit.tables.esimProfileMetadata.insert(pairs)] : []),
    insertEvent(rendered, 'status', null, cause, unit),
  ]);
  unit.wake('reservation');
  return rendered;
}

/** A change of the status. */
export interface Step {
  status: EsimProfileStatus;
  fields?: LearnedFields;
  cause: Cause;
}

/** The status changes by one step; see `takeSteps`. */
export function changeStatus(
  row: EsimProfileRow,
  status: EsimProfileStatus,
  fields: LearnedFields,
  cause: Cause,
  unit: Unit,
): Promise<EsimProfileRow> {
  return takeSteps(row, [{ status, fields, cause }], unit);
}

/**
 * The only way to change the status. Writes the row, its rendered resource, and the history and callback of each step in
 * one transaction. Throws `Conflict` if the life cycle does not allow a step, or the row has changed in the meantime.
 * @param steps one after the other; the row is written once, as nobody sees it in between
 */
export async function takeSteps(
  row: EsimProfileRow,
  steps: readonly Step[],
  unit: Unit,
): Promise<EsimProfileRow> {
  const date = apiDate(unit.now);
  let last = row;
  const taken = steps.map(({ status, fields, cause }) => {
    const { status: previous, date_updated: updated } = last;
    if (!mayFollow(previous, status)) {
      throw new Conflict(`An eSIM Profile that is ${previous} cannot become ${status}`);
    }
    last = { ...last, ...fields, status, date_updated: date > updated ? date : updated };
    last.resource = renderEsimProfile(last);
    unit.reached(status, unit.now.getTime() - dateOfSid(row.sid).getTime());
    return { reached: last, previous, cause };
  });
  await allEnded([
    unit.tables.esimProfiles.transition(row, last),
    ...taken.flatMap(({ reached, previous, cause }) => [
      insertEvent(reached, 'status', previous, cause, unit),
      enqueueEsimProfileCallback(reached, previous, unit),
    ]),
  ]);
  return last;
}

/**
 * The only way to change anything but the status. Writes the row, its rendered resource, history and callback in one
 * transaction. Throws `Conflict` if the row has changed in the meantime.
 */
export async function changeFields(
  row: EsimProfileRow,
  fields: ChangedFields,
  changed: readonly Changed[],
  cause: Cause,
  unit: Unit,
): Promise<EsimProfileRow> {
  const date = apiDate(unit.now);
  const next = withDerived({
    ...row,
    ...fields,
    revision: row.revision + 1,
    date_updated: date > row.date_updated ? date : row.date_updated,
  });
  await allEnded([
    unit.tables.esimProfiles.transition(row, next),
    insertEvent(next, 'change', row.status, cause, unit),
    enqueueEsimProfileCallback(next, row.status, unit, changed),
  ]);
  // Only then is it certain that nobody else has changed them.
  if (next.metadata !== row.metadata) await changePairs(pairsOf(row), pairsOf(next), unit);
  return next;
}

/** With the columns that are made from others. */
function withDerived(
  row: Omit<EsimProfileRow, 'resource' | 'friendly_name_folded'>,
): EsimProfileRow {
  const { friendly_name: name } = row;
  const friendly_name_folded = name === null ? null : ignoringCase(name);
  return { ...row, friendly_name_folded, resource: renderEsimProfile(row) };
}

function pairsOf({ account_sid, sid, metadata }: EsimProfileRow): EsimProfileMetadataRow[] {
  const pairs = Object.entries(parseMetadata(metadata));
  return pairs.map(([name, value]) => ({ account_sid, name, value, sid }));
}

const valuesOf = (pairs: EsimProfileMetadataRow[]) =>
  new Map(pairs.map(({ name, value }) => [name, value]));

async function changePairs(
  before: EsimProfileMetadataRow[],
  after: EsimProfileMetadataRow[],
  { tables: { esimProfileMetadata } }: Unit,
): Promise<void> {
  const [old, current] = [valuesOf(before), valuesOf(after)];
  for (const pair of before) {
    if (current.get(pair.name) !== pair.value) await esimProfileMetadata.remove(pair);
  }
  const added = after.filter(({ name, value }) => old.get(name) !== value);
  if (added.length > 0) await esimProfileMetadata.insert(added);
}

/** Records in the history a device's notification that does not change the status. */
export function insertNotificationEvent(
  row: EsimProfileRow,
  cause: Cause,
  unit: Unit,
): Promise<void> {
  return insertEvent(row, 'notification', row.status, cause, unit);
}

async function insertEvent(
  row: EsimProfileRow,
  type: EsimProfileEventRow['type'],
  previous: EsimProfileStatus | null,
  { cause, detail }: Cause,
  { tables, now, sids }: Unit,
): Promise<void> {
  await tables.esimProfileEvents.insert({
    account_sid: row.account_sid,
    esim_profile_sid: row.sid,
    // Made when written, because listeners look for new events among the newest SIDs.
    sid: sids.next('event', tables.now()),
    type,
    status: row.status,
    previous_status: previous,
    cause,
    detail: detail ?? null,
    date_created: apiDate(now),
  });
}
