// Converts the address bar's query into API parameters for the list of eSIM Profiles.
import { isFoundBy, searchTerms } from '../../../operator/esim-profile-search.ts';
import { ignoringCase } from '../../../values/ignoring-case.ts';
import { api } from '../api.ts';
import type { Parameters } from '../api.ts';
import { pageParameters } from '../components/pager.tsx';
import { chosenOf } from '../location.ts';
import type { Query } from '../location.ts';
import { STATUSES } from '../types.ts';
import type { EsimProfile, Meta } from '../types.ts';

export interface ProfilePage {
  esim_profiles: EsimProfile[];
  meta: Meta;
}

/** The filters in the address bar. `meta` is a query of its own, with a parameter for each key. */
export const FILTERS = ['status', 'q', 'from', 'to', 'type', 'name', 'batch', 'meta'] as const;

/** Without filters, on the first page. */
export const UNFILTERED = Object.fromEntries(
  [...FILTERS, 'page', 'token'].map((name) => [name, '']),
);

/** @param but filters to disregard */
export function isFiltered(query: Query, but: readonly string[] = []): boolean {
  return FILTERS.some((name) => query.get(name) !== '' && !but.includes(name));
}

/** The filters, without the position of a page. */
export function filterParameters(query: Query) {
  return {
    Status: chosenOf(query, 'status', STATUSES),
    Search: query.get('q') || undefined,
    DateCreatedAfter: startOfDay(query.get('from'), 0),
    DateCreatedBefore: startOfDay(query.get('to'), 1),
    ProfileType: query.get('type') || undefined,
    FriendlyNamePrefix: query.get('name') || undefined,
    BatchSid: query.get('batch') || undefined,
    ...Object.fromEntries(metadataOf(query).map(([key, value]) => [`Metadata.${key}`, value])),
  };
}

/** The keys and values to filter by. */
export function metadataOf(query: Query): [key: string, value: string][] {
  return [...new URLSearchParams(query.get('meta'))].filter(([, value]) => value !== '');
}

/** Local midnight, in the API's format. @param day YYYY-MM-DD */
function startOfDay(day: string, later: number): string | undefined {
  const [year, month, date] = day.split('-').map(Number);
  if (year === undefined || month === undefined || date === undefined) return undefined;
  const at = new Date(year, month - 1, date + later);
  return Number.isNaN(at.getTime()) ? undefined : `${at.toISOString().slice(0, 19)}Z`;
}

const NOTHING: ProfilePage = {
  esim_profiles: [],
  meta: { next_page_url: null, previous_page_url: null, page: 0, page_size: 1 },
};

/** Whether the text is too short to search for. */
export function isShortSearch(query: Query): boolean {
  return query.get('q') !== '' && searchTerms(query.get('q')) === undefined;
}

export async function loadProfiles(query: Query, signal: AbortSignal): Promise<ProfilePage> {
  if (isShortSearch(query)) return NOTHING;
  const parameters: Parameters = {
    ...filterParameters(query),
    ...pageParameters(query),
  };
  return api.get<ProfilePage>('/v1/ESimProfiles', parameters, signal);
}

/** Whether a profile matches the filters. */
export function belongs(profile: EsimProfile, query: Query): boolean {
  const filter = filterParameters(query);
  const { Status, DateCreatedAfter: after, DateCreatedBefore: before } = filter;
  const { ProfileType, FriendlyNamePrefix: prefix, BatchSid } = filter;
  const name = ignoringCase(profile.friendly_name ?? '');
  const terms = searchTerms(query.get('q')) ?? [];
  return (
    (filter.Search === undefined || isFoundBy(terms, profile)) &&
    (Status.length === 0 || Status.includes(profile.status)) &&
    (after === undefined || profile.date_created >= after) &&
    (before === undefined || profile.date_created < before) &&
    (ProfileType === undefined || ProfileType === profile.profile_type) &&
    (BatchSid === undefined || BatchSid === profile.batch_sid) &&
    (prefix === undefined || name.startsWith(ignoringCase(prefix))) &&
    metadataOf(query).every(([key, value]) => profile.metadata?.[key] === value)
  );
}

/** The page after a profile was created or changed. Newest first: SIDs sort by time. */
export function withChange(page: ProfilePage, profile: EsimProfile, query: Query): ProfilePage {
  const { esim_profiles: rows, meta } = page;
  const there = rows.some(({ sid }) => sid === profile.sid);
  if (there) {
    const changed = rows.map((row) => (row.sid === profile.sid ? profile : row));
    return { meta, esim_profiles: changed.filter((row) => row !== profile || belongs(row, query)) };
  }
  const isNewest = rows.every(({ sid }) => sid < profile.sid);
  if (query.get('token') !== '' || !isNewest || !belongs(profile, query)) return page;
  return { meta, esim_profiles: [profile, ...rows].slice(0, meta.page_size) };
}
