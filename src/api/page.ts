// Turns PageSize, Page and PageToken into a keyset position, and renders the `meta` object.
import type { Page, Position } from '../store/pages.ts';
import { ApiError } from './api-error.ts';

const DEFAULT_PAGE_SIZE = 50;
const MAX_PAGE_SIZE = 1000;
export const MAX_PAGE = 2_147_483_647;

export interface PagingParameters {
  PageSize?: number;
  Page?: number;
  PageToken?: string;
}

/** Which page of which list is requested. */
export interface PageRequest {
  /** Path of the list, without the base. */
  path: string;
  /** The filters as given, in the order used in URLs. */
  filters: [name: string, value: string][];
  size: number;
  page: number;
  token: string | undefined;
  position: Position;
}

/**
 * @param prefix prefix of the SIDs by which the list is ordered
 * @param filters each with its value, or with several, which URLs repeat Throws `ApiError`.
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

/** `PA` and the last SID of a page lead to the next page, `PB` and its first SID to the previous. */
function parsePageToken(token: string, prefix: string): Position {
  const direction = token.slice(0, 2);
  const sid = token.slice(2);
  if (!/^P[AB]$/.test(direction) || !sid.startsWith(prefix) || !/^..[0-9a-f]{32}$/.test(sid)) {
    throw new ApiError('invalidPageToken', 'Invalid PageToken');
  }
  return { kind: direction === 'PA' ? 'older' : 'newer', than: sid };
}

/** The key under which the response to this request may be cached. */
export function pageKey(request: PageRequest): string {
  return pageQuery(request, request.page, request.token);
}

/** The body of a list: the records as JSON, and `meta`. */
export function renderPage(
  key: string,
  request: PageRequest,
  { rows, more, end }: Page<{ sid: string }>,
  records: string[],
  publicUrl: string,
): string {
  const base = `${publicUrl}${request.path}?`;
  const { page, position } = request;
  let first = rows[0]?.sid;
  let last = rows.at(-1)?.sid;
  // From a page without records, the way back starts with the record that its token names.
  if (rows.length === 0 && position.kind === 'older') first = besideSid(position.than, -1n);
  if (rows.length === 0 && position.kind === 'newer') last = besideSid(position.than, 1n);
  // A page that ended before it was full.
  if (end !== undefined && position.kind === 'newer') first = end;
  else if (end !== undefined) last = end;
  // Paging back, the page that the client came from is the next one; paging on, it is the previous one.
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

/** The SID directly before or after another, or itself at either end of the range. */
function besideSid(sid: string, step: 1n | -1n): string {
  const digits = (BigInt(`0x${sid.slice(2)}`) + step).toString(16).padStart(32, '0');
  return /^[0-9a-f]{32}$/.test(digits) ? sid.slice(0, 2) + digits : sid;
}

/** The URL for the next part of an operation done in parts. */
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
