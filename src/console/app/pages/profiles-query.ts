// The list of eSIM Profiles that the address bar asks for, in the parameters of the API.
import { api } from '../api.ts';
import type { Parameters } from '../api.ts';
import { pageSize } from '../components/pager.tsx';
import { ApiProblem } from '../http.ts';
import type { Query } from '../location.ts';
import { STATUSES } from '../types.ts';
import type { EsimProfile, Meta, Status } from '../types.ts';
import { recogniseSearch } from './profile-search.ts';
import type { Search } from './profile-search.ts';

export interface ProfilePage {
  esim_profiles: EsimProfile[];
  meta: Meta;
}

export function statusesOf(query: Query): Status[] {
  const asked = query.get('status').split(',');
  return STATUSES.filter((status) => asked.includes(status));
}

export function isFiltered(query: Query): boolean {
  return ['status', 'q', 'from', 'to'].some((name) => query.get(name) !== '');
}

const FILTERS: Record<Exclude<Search['kind'], 'SID'>, string> = {
  'Sim SID': 'SimSid',
  EID: 'Eid',
  ICCID: 'Iccid',
  'matching ID': 'MatchingId',
};

export function listParameters(query: Query): Parameters {
  const search = recogniseSearch(query.get('q'));
  return {
    ...(search === undefined || search.kind === 'SID'
      ? {}
      : { [FILTERS[search.kind]]: search.value }),
    Status: statusesOf(query),
    DateCreatedAfter: startOfDay(query.get('from'), 0),
    DateCreatedBefore: startOfDay(query.get('to'), 1),
    PageSize: pageSize(query),
    Page: query.get('page') || undefined,
    PageToken: query.get('token') || undefined,
  };
}

/** Midnight as it is where the person is. @param day YYYY-MM-DD */
function startOfDay(day: string, later: number): string | undefined {
  const [year, month, date] = day.split('-').map(Number);
  if (year === undefined || month === undefined || date === undefined) return undefined;
  const at = new Date(year, month - 1, date + later);
  return Number.isNaN(at.getTime()) ? undefined : `${at.toISOString().slice(0, 19)}Z`;
}

const NO_MORE: Meta = { next_page_url: null, previous_page_url: null, page: 0, page_size: 1 };

/** What is searched for and is no identifier names no profile. */
export function isOddSearch(query: Query): boolean {
  return query.get('q') !== '' && recogniseSearch(query.get('q')) === undefined;
}

export async function loadProfiles(query: Query, signal: AbortSignal): Promise<ProfilePage> {
  if (isOddSearch(query)) return { esim_profiles: [], meta: NO_MORE };
  const search = recogniseSearch(query.get('q'));
  if (search?.kind === 'SID') return loadOne(search.value, signal);
  return api.get<ProfilePage>('/v1/ESimProfiles', listParameters(query), signal);
}

/** A SID is no filter of the API: it is the address of a profile. */
async function loadOne(sid: string, signal: AbortSignal): Promise<ProfilePage> {
  try {
    const profile = await api.get<EsimProfile>(`/v1/ESimProfiles/${sid}`, {}, signal);
    return { esim_profiles: [profile], meta: NO_MORE };
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 404) {
      return { esim_profiles: [], meta: NO_MORE };
    }
    throw error;
  }
}

/** Whether the list that is asked for holds this profile. */
export function belongs(profile: EsimProfile, query: Query): boolean {
  const { Status, DateCreatedAfter: after, DateCreatedBefore: before } = listParameters(query);
  const search = recogniseSearch(query.get('q'));
  const found = {
    SID: profile.sid,
    'Sim SID': profile.sim_sid,
    EID: profile.eid,
    ICCID: profile.iccid,
    'matching ID': profile.matching_id,
  };
  return (
    !isOddSearch(query) &&
    (search === undefined || found[search.kind] === search.value) &&
    (Status!.length === 0 || Status!.includes(profile.status)) &&
    (typeof after !== 'string' || profile.date_created >= after) &&
    (typeof before !== 'string' || profile.date_created < before)
  );
}

/** The page after a profile was made or has changed. Newest first, as SIDs of ours are ordered. */
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
