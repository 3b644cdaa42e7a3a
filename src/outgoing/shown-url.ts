// A callback URL as it is shown: without its user name and password.

/** Replaces user name and password where a URL is shown. */
export const HIDDEN = '***:***@';

/** A stored URL for display. */
export function shownCallbackUrl(stored: string): string {
  const { url, credentials } = split(stored);
  return credentials === undefined ? stored : url.href.replace('//', `//${HIDDEN}`);
}

export function split(text: string): {
  url: URL;
  credentials: { username: string; password: string } | undefined;
} {
  const url = new URL(text);
  const { username, password } = url;
  if (username === '' && password === '') return { url, credentials: undefined };
  url.username = '';
  url.password = '';
  return { url, credentials: { username, password } };
}
