import { CALLBACK_URL_LIMIT, hideCredentials, isCallbackUrl } from '../operator/callback-url.ts';
import { UsageError } from './user-error.ts';

/**
 * For `--callback-url`. Not while the options are parsed: what is wrong there is repeated with all that it holds.
 * Throws `UsageError`.
 */
export function checkCallbackUrl(text: string): void {
  if (isCallbackUrl(text) && text.length <= CALLBACK_URL_LIMIT) return;
  throw new UsageError(
    `--callback-url: Expected an http or https URL of at most ${CALLBACK_URL_LIMIT} characters; ` +
      `got '${hideCredentials(text)}'.`,
  );
}
