// Reading and changing the address bar. A page's state is in its query, so it can be shared and Back works.
import { useLocation } from 'preact-iso/router';

export const BASE = '/console';

export interface Query {
  get: (name: string) => string;
  /** Empty values are removed. @param replace whether Back should skip this change */
  change: (values: Record<string, string>, replace?: boolean) => void;
  /** As in the address bar, without `?`. */
  text: string;
}

export function useQuery(): Query {
  const { url, path, route } = useLocation();
  const parameters = new URL(url, location.origin).searchParams;
  return {
    get: (name) => parameters.get(name) ?? '',
    text: parameters.toString(),
    change(values, replace = false) {
      const next = new URLSearchParams(parameters);
      for (const [name, value] of Object.entries(values)) {
        if (value === '') next.delete(name);
        else next.set(name, value);
      }
      const query = next.toString().replaceAll('%2C', ',');
      route(query === '' ? path : `${path}?${query}`, replace);
    },
  };
}

/** Where a list begins again when its filters change. */
export const FIRST_PAGE = { page: '', token: '' };

/** Which of the values a parameter of the address bar has, with commas between. */
export function chosenOf<T extends string>(
  query: Pick<Query, 'get'>,
  name: string,
  values: readonly T[],
): T[] {
  const asked = query.get(name).split(',');
  return values.filter((value) => asked.includes(value));
}

export interface PageLink {
  token: string;
  page: string;
}

/** Page and token from a page URL of the API. */
export function pageOf(url: string | null | undefined): PageLink | undefined {
  if (!url) return undefined;
  const { searchParams } = new URL(url);
  return { token: searchParams.get('PageToken') ?? '', page: searchParams.get('Page') ?? '' };
}
