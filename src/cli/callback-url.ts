import { problemOfCallbackUrl } from '../operator/callback-url.ts';
import { UsageError } from './user-error.ts';

/**
 * For `--callback-url`. Not while the options are parsed: what is wrong there is repeated with all that it holds.
 * Throws `UsageError`.
 */
export function checkCallbackUrl(text: string): void {
  const problem = problemOfCallbackUrl(text);
  if (problem !== undefined) throw new UsageError(`--callback-url: ${problem}`);
}
