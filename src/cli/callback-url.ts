import { problemOfCallbackUrl } from '../operator/callback-url.ts';
import { UsageError } from './user-error.ts';

/**
 * Checks `--callback-url`. Not done while parsing options, because commander would print the URL with its
 * credentials. Throws `UsageError`.
 */
export function checkCallbackUrl(text: string): void {
  const problem = problemOfCallbackUrl(text);
  if (problem !== undefined) throw new UsageError(`--callback-url: ${problem}`);
}
