// The eUICCs of an account that match a filter, and how many do.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Page, Position } from '../store/pages.ts';
import type { EuiccRow } from '../store/schema.ts';
import type { EuiccHead, Store } from '../store/store.ts';
import { ignoringCase } from '../values/ignoring-case.ts';

export const EUICC_STATES = ['registered', 'associated', 'left'] as const;

export interface EuiccFilter {
  accountSid: string;
  /** In upper case. */
  eid?: string | undefined;
  states?: readonly EuiccRow['state'][] | undefined;
  /** The beginning or the end of an EID, the beginning of a SID, or a part of a friendly name. */
  search?: string | undefined;
  /** Last seen then or later. */
  seenAfter?: Date | undefined;
  /** Last seen before, or never. */
  seenBefore?: Date | undefined;
}

const SLICE = 1_000;
/** A page ends after so many slices, though it may not be full. */
const MOST_SLICES = 20;

type Context = Pick<Store, 'euiccs' | 'euiccPages' | 'euiccHeads' | 'euiccCount'>;

/** Newest first. */
export async function findEuiccs(
  filter: EuiccFilter,
  position: Position,
  size: number,
  store: Context,
): Promise<Page<EuiccRow>> {
  const { accountSid: account_sid, eid } = filter;
  if (isAny(filter)) return store.euiccPages({ account_sid, eid }, position, size);
  const { rows: heads, ...page } = await walk(filter, position, size, store);
  const found = await store.euiccs.list(
    account_sid,
    heads.map(({ sid }) => sid),
  );
  return { ...page, rows: found };
}

/** Up to `limit`. @returns `more`: there are more, or may be */
export async function countEuiccs(
  filter: EuiccFilter,
  limit: number,
  store: Context,
): Promise<{ count: number; more: boolean }> {
  const { accountSid: account_sid, eid } = filter;
  if (isAny(filter)) return store.euiccCount({ account_sid, eid }, limit);
  const { rows, more } = await walk(filter, { kind: 'first' }, limit, store);
  return { count: rows.length, more };
}

const isAny = ({ states, search, seenAfter, seenBefore }: EuiccFilter) =>
  [states, search, seenAfter, seenBefore].every((given) => given === undefined);

/** Looks through the list, slice by slice. */
async function walk(
  filter: EuiccFilter,
  position: Position,
  most: number,
  store: Context,
): Promise<Page<EuiccHead>> {
  const { accountSid: account_sid, eid } = filter;
  const isBack = position.kind === 'newer';
  let found: EuiccHead[] = [];
  let at = position;
  for (let slice = 0; slice < MOST_SLICES; slice++) {
    // A database that answers synchronously must not hold up requests.
    if (slice > 0) await nextTurn();
    const { rows, more } = await store.euiccHeads({ account_sid, eid }, at, SLICE);
    const matching = rows.filter((row) => matches(row, filter));
    found = isBack ? [...matching, ...found] : [...found, ...matching];
    if (found.length > most) {
      return { rows: isBack ? found.slice(-most) : found.slice(0, most), more: true };
    }
    const edge = isBack ? rows[0] : rows.at(-1);
    if (!more || edge === undefined) return { rows: found, more: false };
    at = { kind: isBack ? 'newer' : 'older', than: edge.sid };
  }
  return { rows: found, more: true, ...(at.kind === 'first' ? {} : { end: at.than }) };
}

function matches(
  { sid, eid, friendly_name: name, state, date_seen: seen }: EuiccHead,
  { states, search, seenAfter, seenBefore }: EuiccFilter,
): boolean {
  if (states !== undefined && !states.includes(state)) return false;
  if (seenAfter !== undefined && (seen === null || seen < seenAfter.toISOString())) return false;
  if (seenBefore !== undefined && seen !== null && seen >= seenBefore.toISOString()) return false;
  if (search === undefined) return true;
  const digits = search.replaceAll(/\s/g, '').toUpperCase();
  return (
    eid.startsWith(digits) ||
    eid.endsWith(digits) ||
    sid.toUpperCase().startsWith(digits) ||
    (name !== null && ignoringCase(name).includes(ignoringCase(search.trim())))
  );
}
