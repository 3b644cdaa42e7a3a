// The URL of a callback, the same for the request and for its signature.
import type { CallbackRow } from '../store/schema.ts';

export type Parameters = [name: string, value: string][];

/**
 * The URL as the receiver sees it: with a path, host in lower case, without default port and fragment; for GET, with
 * the parameters appended to the query.
 * @param target without user name and password
 */
export function calledUrl(
  target: URL,
  method: CallbackRow['method'],
  parameters: Parameters,
): string {
  const url = new URL(target);
  url.hash = '';
  // Question marks in the path are encoded, so the first one begins the query, even an empty one.
  const [path, ...rest] = url.href.split('?');
  if (method === 'POST') return url.href;
  const query = rest.join('?');
  const separator = query === '' || query.endsWith('&') ? '' : '&';
  return `${path}?${query}${separator}${new URLSearchParams(parameters).toString()}`;
}
