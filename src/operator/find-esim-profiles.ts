// A page of eSIM Profiles, filtered by columns, by labels, and by a search text; and how many there are.
import type { EsimProfileConditions } from '../store/esim-profile-search.ts';
import type { Bounds, Filter, Page, Position } from '../store/pages.ts';
import type { Store } from '../store/store.ts';
import { commonPage } from './common-page.ts';
import type { SidList } from './common-page.ts';
import { SEARCH_LEAST, searchTerms } from './esim-profile-search.ts';

/** A search with more matches is refused. */
export const SEARCH_LIMIT = 1000;

/** Up to how many are counted. */
export const COUNT_LIMIT = 10_000;

/** A search that is too short, or matches too many. */
export class SearchTooWide extends Error {
  override name = 'SearchTooWide';
}

/** All conditions must hold. */
export interface EsimProfileFilter extends EsimProfileConditions {
  accountSid: string;
  /** The beginning or the end of an identifier, the beginning of a friendly name, or an activation code. */
  search?: string | undefined;
  /** Only these. */
  sids?: readonly string[] | undefined;
}

/** Newest first. Throws `SearchTooWide`. */
export async function findEsimProfiles(
  filter: EsimProfileFilter,
  position: Position,
  size: number,
  bounds: Bounds,
  store: Store,
): Promise<Page<{ sid: string; resource: string }>> {
  const { accountSid, columns } = filter;
  const sids = await sidsOf(filter, store);
  if (sids !== undefined) {
    return store.esimProfileSearch.page(accountSid, sids, filter, position, size, bounds);
  }
  if (isOneIndex(filter)) {
    return store.esimProfilePages({ account_sid: accountSid, ...columns }, position, size, bounds);
  }
  return commonPage(
    listsOf(filter, bounds, store),
    async (some, from, most) => {
      const found = store.esimProfileSearch.page(accountSid, some, filter, from, most);
      return (await found).rows;
    },
    position,
    size,
  );
}

/** The newest, at most `count`, as rendered resources. Throws `SearchTooWide`. */
export async function firstEsimProfiles(
  filter: EsimProfileFilter,
  count: number,
  bounds: Bounds,
  store: Store,
): Promise<string[]> {
  const found: string[] = [];
  let position: Position = { kind: 'first' };
  for (;;) {
    const page = await findEsimProfiles(filter, position, count - found.length, bounds, store);
    found.push(...page.rows.map(({ resource }) => resource));
    if (!page.more || page.end === undefined) return found;
    position = { kind: 'older', than: page.end };
  }
}

/**
 * How many there are, up to `COUNT_LIMIT`. Throws `SearchTooWide`.
 * @returns `more`: there are more, or may be
 */
export async function countEsimProfiles(
  filter: EsimProfileFilter,
  bounds: Bounds,
  store: Store,
): Promise<{ count: number; more: boolean }> {
  const { accountSid, columns, namePrefix } = filter;
  const sids = await sidsOf(filter, store, COUNT_LIMIT);
  if (sids === undefined && isOneIndex(filter)) {
    return store.esimProfileCount({ account_sid: accountSid, ...columns }, COUNT_LIMIT, bounds);
  }
  if (sids === undefined && namePrefix !== undefined && isByNameOnly(filter)) {
    return store.esimProfileSearch.countNamed(accountSid, namePrefix, COUNT_LIMIT, bounds);
  }
  const first = { kind: 'first' } as const;
  const lists = sids === undefined ? listsOf(filter, bounds, store) : [listOf(sids, bounds)];
  const { rows, more } = await commonPage(
    lists,
    (some, from, most) => store.esimProfileSearch.sids(accountSid, some, filter, from, most),
    first,
    COUNT_LIMIT,
  );
  return { count: rows.length, more };
}

/**
 * Those that are chosen or searched for; undefined: any. Throws `SearchTooWide`.
 * @param namedLimit of those whose name begins so, beyond which they are not looked for by it
 */
async function sidsOf(
  filter: EsimProfileFilter,
  store: Store,
  namedLimit = SEARCH_LIMIT,
): Promise<readonly string[] | undefined> {
  const found = await foundSids(filter, store, namedLimit);
  const { sids: chosen } = filter;
  if (chosen === undefined || found === undefined) return chosen ?? found;
  return chosen.filter((sid) => found.includes(sid));
}

async function foundSids(
  { accountSid, search, namePrefix }: EsimProfileFilter,
  store: Store,
  namedLimit: number,
): Promise<string[] | undefined> {
  const named =
    namePrefix === undefined
      ? undefined
      : await store.esimProfileSearch.find(
          accountSid,
          [{ column: 'friendly_name', begins: namePrefix }],
          namedLimit + 1,
        );
  if (search === undefined) return named;
  const terms = searchTerms(search);
  if (terms === undefined) {
    throw new SearchTooWide(
      `expected ${SEARCH_LEAST} or more characters of an identifier or a friendly name; got '${search}'`,
    );
  }
  const sids = await store.esimProfileSearch.find(accountSid, terms, SEARCH_LIMIT + 1);
  if (sids === undefined) {
    throw new SearchTooWide(
      `more than ${SEARCH_LIMIT} eSIM Profiles match '${search}'; expected more of it`,
    );
  }
  return sids;
}

/** With one of these, few are left. */
const NARROW = ['eid', 'sim_sid', 'iccid', 'matching_id'];

/** The friendly name has two columns. */
const WIDE: readonly (readonly string[])[] = [
  ['status'],
  ['profile_type'],
  ['friendly_name_folded', 'friendly_name'],
];

const isNarrow = (columns: Filter) => NARROW.some((name) => columns[name] !== undefined);

/** The parts of a filter that has an index for each of them. */
const wideParts = (columns: Filter): Filter[] =>
  WIDE.filter(([name]) => columns[name!] !== undefined).map((names) =>
    Object.fromEntries(names.map((name) => [name, columns[name]])),
  );

/** Whether one index leads to the page, in its order, without reading much else. */
function isOneIndex({ columns, metadata = {}, namePrefix }: EsimProfileFilter): boolean {
  if (namePrefix !== undefined || Object.keys(metadata).length > 0) return false;
  return isNarrow(columns) || wideParts(columns).length < 2;
}

const isByNameOnly = ({ columns, metadata = {} }: EsimProfileFilter) =>
  Object.values(columns).every((value) => value === undefined) &&
  Object.keys(metadata).length === 0;

/** Lists, each by one index, that have in common what is asked for. */
function listsOf(
  { accountSid, columns, metadata = {} }: EsimProfileFilter,
  bounds: Bounds,
  store: Store,
): SidList[] {
  const account = { account_sid: accountSid };
  const parts = isNarrow(columns) ? [columns] : wideParts(columns);
  const pairs = Object.entries(metadata);
  // Of a friendly name alone that begins so with too many.
  if (parts.length === 0 && pairs.length === 0) parts.push({});
  return [
    ...parts.map(
      (part): SidList =>
        (position, size) =>
          store.esimProfileSids({ ...account, ...part }, position, size, bounds),
    ),
    ...pairs.map(
      ([name, value]): SidList =>
        (position, size) =>
          store.esimProfileMetadataSids({ ...account, name, value }, position, size, bounds),
    ),
  ];
}

/** Found SIDs, from the newest on. */
function listOf(sids: readonly string[], { above = '', below }: Bounds): SidList {
  const rows = sids
    .filter((sid) => sid > above && (below === undefined || sid < below))
    .toSorted()
    .toReversed()
    .map((sid) => ({ sid }));
  return async (position, size) => {
    const older = position.kind === 'older' ? rows.filter(({ sid }) => sid < position.than) : rows;
    return { rows: older.slice(0, size), more: older.length > size };
  };
}
