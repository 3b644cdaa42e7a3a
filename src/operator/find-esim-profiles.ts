// A page of eSIM Profiles, filtered by columns and by a search text.
import type { Bounds, Filter, Page, Position } from '../store/pages.ts';
import type { Store } from '../store/store.ts';
import { SEARCH_LEAST, searchTerms } from './esim-profile-search.ts';

/** A search with more matches is refused. */
export const SEARCH_LIMIT = 1000;

/** A search that is too short, or matches too many. */
export class SearchTooWide extends Error {
  override name = 'SearchTooWide';
}

export interface EsimProfileFilter {
  accountSid: string;
  /** Columns. */
  columns: Filter;
  /** The beginning or the end of an identifier, or an activation code. */
  search?: string | undefined;
  /** Only these. */
  sids?: readonly string[] | undefined;
}

/** Newest first. Throws `SearchTooWide`. */
export async function findEsimProfiles(
  { accountSid, columns, search, sids: only }: EsimProfileFilter,
  position: Position,
  size: number,
  bounds: Bounds,
  store: Store,
): Promise<Page<{ sid: string; resource: string }>> {
  const among = (sids: readonly string[]) =>
    store.esimProfileSearch.page(accountSid, sids, columns, position, size, bounds);
  if (search === undefined) {
    if (only !== undefined) return among(only);
    return store.esimProfilePages({ account_sid: accountSid, ...columns }, position, size, bounds);
  }
  const terms = searchTerms(search);
  if (terms === undefined) {
    throw new SearchTooWide(
      `expected ${SEARCH_LEAST} or more characters of an identifier; got '${search}'`,
    );
  }
  const sids = await store.esimProfileSearch.find(accountSid, terms, SEARCH_LIMIT + 1);
  if (sids === undefined) {
    throw new SearchTooWide(
      `more than ${SEARCH_LIMIT} eSIM Profiles match '${search}'; expected more of the identifier`,
    );
  }
  return among(only === undefined ? sids : sids.filter((sid) => only.includes(sid)));
}
