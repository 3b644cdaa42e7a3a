// Converts the address bar's query into API parameters for the list of eUICCs.
import { chosenOf } from '../location.ts';
import type { Query } from '../location.ts';
import { EUICC_STATES } from './types.ts';

const HOUR_MS = 3_600_000;

/** By when its device was last seen. */
export const SEEN = [
  { value: '1h', title: 'Seen in the last hour', ms: HOUR_MS, isBefore: false },
  { value: '1d', title: 'Seen in the last day', ms: 24 * HOUR_MS, isBefore: false },
  { value: 'not-1d', title: 'Not seen for a day', ms: 24 * HOUR_MS, isBefore: true },
  { value: 'not-7d', title: 'Not seen for a week', ms: 7 * 24 * HOUR_MS, isBefore: true },
] as const;

export const FILTERS = ['q', 'status', 'seen', 'group'] as const;

export const isFiltered = (query: Query) => FILTERS.some((name) => query.get(name) !== '');

/** Without filters, on the first page. */
export const UNFILTERED = Object.fromEntries(
  [...FILTERS, 'page', 'token'].map((name) => [name, '']),
);

/** @param now rounded, so that the parameters do not differ each time */
export function euiccFilter(query: Pick<Query, 'get'>, now: number) {
  const seen = SEEN.find(({ value }) => value === query.get('seen'));
  const then = seen && `${new Date(now - seen.ms).toISOString().slice(0, 16)}:00Z`;
  return {
    Status: chosenOf(query, 'status', EUICC_STATES),
    Group: query.get('group') || undefined,
    Search: query.get('q') || undefined,
    SeenAfter: seen?.isBefore === false ? then : undefined,
    SeenBefore: seen?.isBefore === true ? then : undefined,
  };
}
