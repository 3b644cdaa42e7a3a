// Finds the clauses of standards that a text names: `§5.6.2`, `RFC 5280 §4.2.1.9, §7.1`, `§5.7.9 to §5.7.11`, and the
// codes of §5.2.6, such as `8.2.7/3.8`.

export interface Citation {
  standard: string;
  clause: string;
}

/** The standard that a bare `§` refers to. */
export const OWN = 'SGP.22';

const STANDARDS = [
  'RFC \\d+',
  'TS \\d[\\d.]*(?: \\d{3})?',
  'BSI TR-03111',
  'FIPS [\\d-]+',
  'X\\.\\d+',
  'SGP\\.\\d+(?: v\\d)?',
  'ISO/IEC [\\d-]+',
  'GP card specification',
  'profile package specification',
  'PNG',
];
const CITED = new RegExp(
  `(?:\\b(${STANDARDS.join('|')}) )?§(\\d+(?:\\.\\d+[A-Z]?)*)(?: to \\.(\\d+))?`,
  'g',
);
/** Separates two clauses of one standard. */
const JOINED = /^(?:,| and| to| or)* ?$/;

/** In the order of the text; ranges are expanded. */
export function citationsOf(text: string): Citation[] {
  const found: Citation[] = [];
  let [standard, end] = [OWN, 0];
  for (const match of text.matchAll(CITED)) {
    const [whole, named, clause = '', last] = match;
    const between = text.slice(end, match.index);
    if (named !== undefined) standard = named;
    else if (found.length === 0 || !JOINED.test(between)) standard = OWN;
    const before = found.at(-1);
    if (between === ' to ' && before !== undefined) {
      found.push(...range(before.clause, clause).map((one) => ({ standard, clause: one })));
    }
    found.push({ standard, clause });
    if (last !== undefined) {
      const to = clause.replace(/\d+$/, last);
      found.push(...[...range(clause, to), to].map((one) => ({ standard, clause: one })));
    }
    end = match.index + whole.length;
  }
  return found;
}

/** The clauses between two that differ only in their last number. */
function range(from: string, to: string): string[] {
  const [parent, first, last] = [from.replace(/\d+$/, ''), lastOf(from), lastOf(to)];
  if (to.replace(/\d+$/, '') !== parent) return [];
  return Array.from(
    { length: Math.max(last - first - 1, 0) },
    (_, i) => `${parent}${first + 1 + i}`,
  );
}

const lastOf = (clause: string) => Number(/\d+$/.exec(clause)?.[0] ?? 0);

/** `SUBJECT/REASON`, each once. */
export function codesOf(text: string): string[] {
  const pairs = text.matchAll(/(?<![\d.])(\d(?:\.\d+){0,2}) ?\/ ?(\d\.\d+)(?![\d.]*\d)/g);
  return [...new Set(Array.from(pairs, ([, subject, reason]) => `${subject}/${reason}`))];
}

/** Compares number by number. */
export function compareClauses(one: string, other: string): number {
  const [left, right] = [one.split('.'), other.split('.')];
  for (let at = 0; at < Math.min(left.length, right.length); at += 1) {
    const difference = left[at]!.localeCompare(right[at]!, 'en', { numeric: true });
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
