// A callback URL as it is shown: without its user name and password.

/** Replaces user name and password where a URL is shown. */
export const HIDDEN = '***:***@';

/** A stored URL for display. */
export function shownCallbackUrl(stored: string): string {
  const { url, credentials } = split(stored);
  return credentials === undefined ? stored : url.href.replace('//', `//${HIDDEN}`);
}

/** Given instead of a URL: no callbacks, even if the account has a URL. */
export const NO_CALLBACKS = 'none';

/** What was chosen; null: as the account, or the eUICC, has it. */
export function shownChoice({
  callback_url: stored,
  callback_off: off,
}: {
  callback_url: string | null;
  callback_off?: number | undefined;
}): string | null {
  if (off === 1) return NO_CALLBACKS;
  return stored === null ? null : shownCallbackUrl(stored);
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
