// The matching ID that an owner chooses (§4.1), with the order or in place of the one that it has.
import { isMatchingId } from '../rsp/identifiers.ts';

/** Long enough that nobody guesses it. */
const LEAST = 8;
export const MATCHING_ID_LIMIT = 128;

/** What matching IDs may be, in words. */
export const MATCHING_ID_FORM = `${LEAST} to ${MATCHING_ID_LIMIT} capital letters, digits and dashes`;

export interface MatchingIdRules {
  /** Whether those of test suites are accepted. */
  testMatchingIds?: boolean;
}

/** @returns what was expected, if it cannot be one */
export function problemOfMatchingId(
  text: string,
  { testMatchingIds = false }: MatchingIdRules,
): string | undefined {
  const least = testMatchingIds ? 1 : LEAST;
  const fits = text.length >= least && text.length <= MATCHING_ID_LIMIT;
  if (fits && isMatchingId(text, testMatchingIds)) return undefined;
  const expected = testMatchingIds
    ? `1 to ${MATCHING_ID_LIMIT} capital letters, digits, dashes and underscores`
    : MATCHING_ID_FORM;
  return `expected ${expected}; got '${text}'`;
}
