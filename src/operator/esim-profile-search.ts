// What a typed, pasted or scanned text may mean: an identifier of an eSIM Profile, or its friendly name. Used by the
// console's page and the server, so both agree.
import type { EsimProfileRow } from '../store/schema.ts';
import { ignoringCase } from '../values/ignoring-case.ts';

type Searched = Pick<EsimProfileRow, 'sid' | 'sim_sid' | 'iccid' | 'eid' | 'matching_id'> & {
  friendly_name?: string | null;
};

/**
 * An identifier with this beginning, end, or both; a friendly name with this beginning, ignoring case. Columns are named like
 * the API's fields.
 */
export type SearchTerm =
  | { column: 'friendly_name'; begins: string; ends?: undefined }
  | { column: 'sid' | 'sim_sid' | 'matching_id'; begins: string; ends?: string }
  | { column: 'iccid' | 'eid'; begins: string; ends?: undefined }
  | { column: 'iccid' | 'eid'; begins?: string; ends: string };

/** Fewer characters match too much. */
export const SEARCH_LEAST = 4;

/** @returns the possible meanings; undefined if the text is too short to search for */
export function searchTerms(given: string): SearchTerm[] | undefined {
  // Pasted texts may have groups, line breaks, and a messenger's invisible characters.
  const text = given.replaceAll(/[\s\u200B-\u200D\u2060\uFEFF]/g, '');
  const code = /^(?:LPA:)?1\$[^$]*\$([^$]*)/i.exec(text);
  if (code) return isShort(code[1]!) ? undefined : matchingIds(code[1]!);
  if (/^L(?:P(?:A(?::(?:1(?:\$[^$]*)?)?)?)?)?$|^1\$[^$]*$/i.test(text)) return undefined;
  // Long values as shortened by the console: beginning and end.
  const [, head, tail] = /^([^….]+)(?:…|\.{3})([^….]+)$/.exec(text) ?? [];
  if (head !== undefined && tail !== undefined) return shortened(head, tail);
  if (isShort(text)) return undefined;
  return [
    ...sids(text),
    ...(isHex(text, 32) ? sids(`HP${text}`) : []),
    ...numbers(text).flatMap(({ column, value }): SearchTerm[] => [
      { column, begins: value },
      { column, ends: value },
    ]),
    ...matchingIds(text),
    { column: 'friendly_name', begins: ignoringCase(given.trim()) },
  ];
}

export function isFoundBy(terms: readonly SearchTerm[], profile: Searched): boolean {
  return terms.some(({ column, begins = '', ends = '' }) => {
    const shown = profile[column] ?? null;
    const value = column === 'friendly_name' && shown !== null ? ignoringCase(shown) : shown;
    return value !== null && value.startsWith(begins) && value.endsWith(ends);
  });
}

const isShort = (text: string) => text.replaceAll('-', '').length < SEARCH_LEAST;

const isHex = (text: string, most: number) => /^[0-9a-f]+$/i.test(text) && text.length <= most;

/** The prefix is upper case, the digits lower case. A matching ID may begin like a SID. */
function sids(text: string): { column: 'sid' | 'sim_sid'; begins: string }[] {
  const [, prefix, digits] = /^(HP|HS)([0-9a-f]*)$/i.exec(text) ?? [];
  if (prefix === undefined || digits === undefined) return [];
  const column = prefix.toUpperCase() === 'HS' ? 'sim_sid' : 'sid';
  return [{ column, begins: prefix.toUpperCase() + digits.toLowerCase() }];
}

function shortened(head: string, tail: string): SearchTerm[] | undefined {
  if (isShort(head) || isShort(tail)) return undefined;
  return [
    ...sids(head).map((term) => ({ ...term, ends: tail.toLowerCase() })),
    ...numbers(tail).map(({ column, value }) => ({ column, begins: head, ends: value })),
    ...matchingIds(head).map((term) => ({ ...term, ends: tail.toUpperCase() })),
  ];
}

/** An EID is stored in the letter case of the order; an ICCID may have the filler F (ITU-T E.118 in BCD). */
function numbers(text: string): { column: 'iccid' | 'eid'; value: string }[] {
  const upper = text.toUpperCase();
  const eids = isHex(text, 32) ? new Set([text, text.toLowerCase(), upper]) : [];
  const iccids = isHex(text, 20) ? new Set([upper, upper.replace(/F{1,2}$/, '')]) : [];
  return [
    ...Array.from(iccids, (value) => ({ column: 'iccid' as const, value })),
    ...Array.from(eids, (value) => ({ column: 'eid' as const, value })),
  ];
}

/** By the beginning, with or without the dashes between groups of five. */
function matchingIds(text: string): { column: 'matching_id'; begins: string }[] {
  const typed = text.toUpperCase();
  if (!/^[0-9A-Z-]+$/.test(typed)) return [];
  const grouped = typed.replaceAll('-', '').replaceAll(/.{5}(?=.)/g, '$&-');
  return Array.from(new Set([grouped, typed]), (begins) => ({ column: 'matching_id', begins }));
}
