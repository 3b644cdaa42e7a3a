// The options for callback URLs.
import { Option } from 'commander';
import { shownCallbackUrl } from '../operator/callback-url.ts';
import type { HttpMethod } from '../store/schema.ts';
import { UsageError } from './user-error.ts';

/**
 * Checks `--callback-url`. Not done while parsing options, because commander would print the URL with its
 * credentials. Throws `UsageError`.
 */
export function checkCallbackUrl(
  text: string,
  problemOf: (text: string) => string | undefined,
): void {
  const problem = problemOf(text);
  if (problem !== undefined) throw new UsageError(`--callback-url: ${problem}`);
}

export const callbackMethodOption = () =>
  new Option('--callback-method <method>', 'how it is called; POST by default').choices([
    'GET',
    'POST',
  ]);

/** `POST https://…`; null: none. */
export function callbackText({
  callback_url: url,
  callback_method: method,
}: {
  callback_url: string | null;
  callback_method: HttpMethod;
}): string | null {
  return url === null ? null : `${method} ${shownCallbackUrl(url)}`;
}
