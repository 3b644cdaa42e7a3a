// PageSize, Page and PageToken in; a keyset position and the `meta` object out.
import type { Page, Position } from '../store/pages.ts';
import { ApiError } from './api-error.ts';

export const DEFAULT_PAGE_SIZE = 50;
export const MAX_PAGE_SIZE = 1000;
export const MAX_PAGE = 2_147_483_647;

export interface PagingParameters {
  PageSize?: number;
  Page?: number;
  PageToken?: string;
}

/** Which page of which list is asked for. */
export interface PageRequest {
  /** Path of the list, without the base. */
  path: string;
  /** The filters as given, in the order in which URLs repeat them. */
  filters: [name: string, value: string][];
  size: number;
  page: number;
  token: string | undefined;
  position: Position;
}

/**
 * @param prefix of the SIDs that the list is ordered by
 * @param filters each with its value, or several that are repeated in URLs
 * Throws `ApiError`.
 */
export function parsePageRequest(
  path: string,
  prefix: string,
  filters: Record<string, string | readonly string[] | undefined>,
  { PageSize, Page = 0, PageToken }: PagingParameters,
): PageRequest {
  if (Page > 0 && PageToken === undefined) {
    throw new ApiError('invalidParameter', 'PageToken is required for paging.');
  }
  const given: [string, string][] = [];
  for (const name in filters) {
    const value = filters[name];
    if (typeof value === 'string') given.push([name, value]);
    else if (value !== undefined) given.push(...value.map((one): [string, string] => [name, one]));
  }
  return {
    path,
    filters: given,
    size: Math.min(PageSize ?? DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE),
    page: Page,
    token: PageToken,
    position: PageToken === undefined ? { kind: 'first' } : parsePageToken(PageToken, prefix),
  };
}

/** `PA` and the last SID of a page lead on from it, `PB` and its first SID lead back. */
function parsePageToken(token: string, prefix: string): Position {
  const direction = token.slice(0, 2);
  const sid = token.slice(2);
  if (!/^P[AB]$/.test(direction) || !sid.startsWith(prefix) || !/^..[0-9a-f]{32}$/.test(sid)) {
    throw new ApiError('invalidPageToken', 'Invalid PageToken');
  }
  return { kind: direction === 'PA' ? 'older' : 'newer', than: sid };
}

/** The key under which an answer to this request may be remembered. */
export function pageKey(request: PageRequest): string {
  return pageQuery(request, request.page, request.token);
}

/** The body of a list: the records as JSON, and `meta`. */
export function renderPage(
  key: string,
  request: PageRequest,
  { rows, more }: Page<{ sid: string }>,
  records: string[],
  publicUrl: string,
): string {
  const base = `${publicUrl}${request.path}?`;
  const { page, position } = request;
  let first = rows[0]?.sid;
  let last = rows.at(-1)?.sid;
  // A page without records leads back to the very record that its token names.
  if (rows.length === 0 && position.kind === 'older') first = besideSid(position.than, -1n);
  if (rows.length === 0 && position.kind === 'newer') last = besideSid(position.than, 1n);
  // Walking back, what was walked away from still lies ahead; walking on, it lies behind.
  const hasNext = position.kind === 'newer' || more;
  const hasPrevious = position.kind === 'older' || (position.kind === 'newer' && more);
  const meta = {
    first_page_url: base + pageQuery(request, 0),
    key,
    next_page_url:
      hasNext && last ? base + pageQuery(request, Math.min(page + 1, MAX_PAGE), `PA${last}`) : null,
    page,
    page_size: request.size,
    previous_page_url:
      hasPrevious && first ? base + pageQuery(request, Math.max(page - 1, 0), `PB${first}`) : null,
    url: base + pageQuery(request, page, request.token),
  };
  return `{"${key}":[${records.join(',')}],"meta":${JSON.stringify(meta)}}`;
}

/** The SID right before or after another; the first and the last there can be have none. */
function besideSid(sid: string, step: 1n | -1n): string {
  const digits = (BigInt(`0x${sid.slice(2)}`) + step).toString(16).padStart(32, '0');
  return /^[0-9a-f]{32}$/.test(digits) ? sid.slice(0, 2) + digits : sid;
}

/** Where what is done a part at a time goes on. */
export function nextUrl(request: PageRequest, token: string, publicUrl: string): string {
  return `${publicUrl}${request.path}?${filterQuery(request)}PageToken=${token}`;
}

function filterQuery({ filters }: PageRequest): string {
  let query = '';
  for (const [name, value] of filters) query += `${name}=${encodeURIComponent(value)}&`;
  return query;
}

/** Filters first, then PageSize, Page, PageToken. */
function pageQuery(request: PageRequest, page: number, token?: string): string {
  const query = `${filterQuery(request)}PageSize=${request.size}&Page=${page}`;
  return token === undefined ? query : `${query}&PageToken=${token}`;
}
