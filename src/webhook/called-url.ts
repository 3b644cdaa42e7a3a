// The one URL of a callback: it is called, and it is signed.
import type { CallbackRow } from '../store/schema.ts';

export type Parameters = [name: string, value: string][];

/**
 * The URL as a receiver sees it: with a path and a host in lower case, without its default port and its
 * fragment; with the parameters of a GET at the end of its query.
 * @param target without user and password
 */
export function calledUrl(
  target: URL,
  method: CallbackRow['method'],
  parameters: Parameters,
): string {
  const url = new URL(target);
  url.hash = '';
  // What a path says with a question mark is encoded, so the first one begins the query, even an empty one.
  const [path, ...rest] = url.href.split('?');
  if (method === 'POST') return url.href;
  const query = rest.join('?');
  const separator = query === '' || query.endsWith('&') ? '' : '&';
  return `${path}?${query}${separator}${new URLSearchParams(parameters).toString()}`;
}
