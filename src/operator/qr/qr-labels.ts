// The eSIM Profiles on a sheet of QR codes, with the data for their labels.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Bounds, Filter } from '../../store/pages.ts';
import type { EsimProfileRow, EsimProfileStatus } from '../../store/schema.ts';
import type { Store } from '../../store/store.ts';
import { isFoundBy, searchTerms } from '../esim-profile-search.ts';
import { walk } from '../export/walk.ts';
import { findEsimProfiles } from '../find-esim-profiles.ts';
import type { EsimProfileFilter } from '../find-esim-profiles.ts';
import { parseMetadata } from '../owner-fields.ts';

/** An eSIM Profile; `activation_code` is null if it was ordered only for an EID. */
export interface QrLabel {
  sid: string;
  eid: string | null;
  iccid: string | null;
  matching_id: string | null;
  activation_code: string | null;
  /** Profile type of its subscription. */
  profile_type: string | null;
}

/** §3.1.3, §5.6.3: once downloaded, a code works only for the same eUICC, and once installed, for none. */
export const USABLE_STATUSES = ['available', 'downloaded'] as const satisfies EsimProfileStatus[];
const DEFAULT_STATUSES: readonly EsimProfileStatus[] = ['available'];

/** All conditions must hold. */
export interface QrLabelFilter extends Omit<EsimProfileFilter, 'columns'> {
  /** Only these, each of which must have a usable activation code. */
  sids?: readonly string[] | undefined;
  /** By default `available`; for `sids`, all with a usable code. */
  statuses?: readonly EsimProfileStatus[] | undefined;
  /** Columns, without the status. */
  columns?: Filter;
  bounds?: Bounds;
  /** Only profiles after this SID in the list. */
  after?: string | undefined;
}

/** A requested eSIM Profile does not exist (`row` undefined), or has no code to print. */
export class NoActivationCode extends Error {
  override name = 'NoActivationCode';
  readonly sid: string;
  readonly row: EsimProfileRow | undefined;

  constructor(sid: string, row: EsimProfileRow | undefined) {
    super(
      row === undefined
        ? `There is no eSIM Profile ${sid}`
        : row.activation_code === null
          ? `eSIM Profile ${sid} has no activation code${isEarly(row) ? ' yet' : ''}: it is ${row.status}`
          : `The activation code of eSIM Profile ${sid} can no longer be used: it is ${row.status}`,
    );
    this.sid = sid;
    this.row = row;
  }
}

/**
 * The activation code of an eSIM Profile that some device can still use. Throws `NoActivationCode`.
 */
export function usableActivationCode(sid: string, row: EsimProfileRow | undefined): string {
  if (row === undefined || row.activation_code === null || !isUsable(row)) {
    throw new NoActivationCode(sid, row);
  }
  return row.activation_code;
}

const isEarly = ({ status }: EsimProfileRow) => status === 'new' || status === 'reserving';

const AT_ONCE = 200;

type Found = Omit<QrLabel, 'profile_type'>;

/** In the order of `sids`, otherwise newest first; read in pages. Throws `NoActivationCode`, `SearchTooWide`. */
export async function* qrLabels(filter: QrLabelFilter, store: Store): AsyncGenerator<QrLabel> {
  for await (const page of labelPages(filter, store)) yield* await withTypes(filter, page, store);
}

/** What a file of at most `limit` labels will have, without making it. Throws `NoActivationCode`, `SearchTooWide`. */
export async function surveyLabels(
  filter: QrLabelFilter,
  limit: number,
  store: Store,
): Promise<{ count: number; last: string | undefined }> {
  let count = 0;
  let last: string | undefined;
  for await (const page of labelPages(filter, store)) {
    for (const { sid, activation_code: code } of page) {
      if (count === limit) return { count, last };
      last = sid;
      if (code !== null) count++;
    }
    await nextTurn();
  }
  return { count, last: undefined };
}

function labelPages(filter: QrLabelFilter, store: Store): AsyncGenerator<Found[]> {
  return filter.sids === undefined ? newestFirst(filter, store) : bySid(filter, store);
}

async function* newestFirst(
  { statuses = DEFAULT_STATUSES, columns, bounds = {}, after, ...others }: QrLabelFilter,
  store: Store,
): AsyncGenerator<Found[]> {
  const filter = { ...others, columns: { ...columns, status: [...new Set(statuses)] } };
  const found = walk((position, size) => findEsimProfiles(filter, position, size, bounds, store), {
    after,
  });
  for await (const rows of found) yield rows.map(({ resource }) => JSON.parse(resource) as Found);
}

async function* bySid(
  { accountSid, sids, statuses, columns = {}, search, bounds = {}, ...conditions }: QrLabelFilter,
  store: Store,
): AsyncGenerator<Found[]> {
  const { above = '', below = '~' } = bounds;
  const terms = search === undefined ? undefined : (searchTerms(search) ?? []);
  const narrowed = Object.entries(columns).filter(([, value]) => value !== undefined);
  const wanted = [...new Set(sids)];
  for (let at = 0; at < wanted.length; at += AT_ONCE) {
    const asked = wanted.slice(at, at + AT_ONCE);
    const found = await store.esimProfiles.findMany(accountSid, asked);
    const rows = new Map(found.map((row) => [row.sid, row]));
    yield asked.flatMap((sid) => {
      const row = rows.get(sid);
      if (row === undefined) throw new NoActivationCode(sid, row);
      const isMeant =
        (statuses === undefined || statuses.includes(row.status)) &&
        (terms === undefined || isFoundBy(terms, row)) &&
        narrowed.every(([column, value]) => row[column as keyof EsimProfileRow] === value) &&
        hasOwnerFields(row, conditions) &&
        sid > above &&
        sid < below;
      if (!isMeant) return [];
      usableActivationCode(sid, row);
      return [row];
    });
  }
}

function hasOwnerFields(
  { metadata: kept, friendly_name_folded: name }: EsimProfileRow,
  { metadata = {}, namePrefix = '' }: Pick<QrLabelFilter, 'metadata' | 'namePrefix'>,
): boolean {
  const own = parseMetadata(kept);
  const hasPairs = Object.entries(metadata).every(
    ([key, value]) => Object.hasOwn(own, key) && own[key] === value,
  );
  return hasPairs && (name ?? '').startsWith(namePrefix);
}

/** Whether a status leaves an activation code that some device can use. */
export function isUsable({ status }: Pick<EsimProfileRow, 'status'>): boolean {
  return USABLE_STATUSES.some((usable) => usable === status);
}

async function withTypes(
  { accountSid }: QrLabelFilter,
  page: Found[],
  store: Store,
): Promise<QrLabel[]> {
  const iccids = page.flatMap(({ iccid }) => iccid ?? []);
  const subscriptions = await store.subscriptions.findMany(accountSid, iccids);
  const types = new Map(subscriptions.map((row) => [row.iccid, row.profile_type]));
  return page.map(({ sid, eid, iccid, matching_id, activation_code }) => ({
    sid,
    eid,
    iccid,
    matching_id,
    activation_code,
    profile_type: types.get(iccid ?? '') ?? null,
  }));
}
