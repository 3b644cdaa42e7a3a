import { CALLBACK_URL_LIMIT, hideCredentials, isCallbackUrl } from '../operator/callback-url.ts';
import { UsageError } from './user-error.ts';

/**
 * Checks `--callback-url`. Not done while parsing options, because commander would print the URL with its
 * credentials. Throws `UsageError`.
 */
export function checkCallbackUrl(text: string): void {
  if (isCallbackUrl(text) && text.length <= CALLBACK_URL_LIMIT) return;
  throw new UsageError(
    `--callback-url: Expected an http or https URL of at most ${CALLBACK_URL_LIMIT} characters; ` +
      `got '${hideCredentials(text)}'.`,
  );
}
