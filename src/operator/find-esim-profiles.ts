// A page of eSIM Profiles by the columns that narrow the list, and by a text that names them.
import type { Bounds, Filter, Page, Position } from '../store/pages.ts';
import type { Store } from '../store/store.ts';
import { SEARCH_LEAST, searchTerms } from './esim-profile-search.ts';

/** More than these are no answer to a search. */
export const SEARCH_LIMIT = 1000;

/** A search that finds more than anybody could look through. */
export class SearchTooWide extends Error {
  override name = 'SearchTooWide';
}

export interface EsimProfileFilter {
  accountSid: string;
  /** Columns. */
  columns: Filter;
  /** The beginning or the end of an identifier, or an activation code. */
  search?: string | undefined;
}

/** Newest first. Throws `SearchTooWide`. */
export async function findEsimProfiles(
  { accountSid, columns, search }: EsimProfileFilter,
  position: Position,
  size: number,
  bounds: Bounds,
  store: Store,
): Promise<Page<{ sid: string; resource: string }>> {
  if (search === undefined) {
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
  return store.esimProfileSearch.page(accountSid, sids, columns, position, size, bounds);
}
