// eUICCs by what they are and where they belong. What has no index is looked for among a bounded number at a time.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EuiccRow } from '../../store/schema.ts';
import type { Page, Position } from '../../store/pages.ts';
import type { Store } from '../../store/store.ts';
import { ignoringCase } from '../../values/ignoring-case.ts';

export interface EuiccFilter {
  accountSid: string;
  eid?: string | undefined;
  /** The beginning or the end of an EID, the beginning of a SID, or a part of a friendly name. */
  search?: string | undefined;
  groupSid?: string | undefined;
  states?: readonly EuiccRow['state'][] | undefined;
  /** All pairs must match. */
  metadata?: Readonly<Record<string, string>> | undefined;
  seenAfter?: Date | undefined;
  /** Also those that were never seen. */
  seenBefore?: Date | undefined;
}

/** Rows read at once, and at most for a page of those that match. */
const AT_ONCE = 500;
const MOST_READ = 5_000;

/** Newest first. A page may end before it is full. */
export async function findEuiccs(
  filter: EuiccFilter,
  position: Position,
  size: number,
  { euiccPages }: Pick<Store, 'euiccPages'>,
): Promise<Page<EuiccRow>> {
  const columns = columnsOf(filter);
  if (!needsLook(filter)) return euiccPages(columns, position, size);
  const isBack = position.kind === 'newer';
  const found: EuiccRow[] = [];
  let from = position;
  for (let read = 0; ;) {
    const page = await euiccPages(columns, from, AT_ONCE);
    read += page.rows.length;
    const rows = isBack ? page.rows.toReversed() : page.rows;
    for (const row of rows) {
      if (!matches(row, filter)) continue;
      if (found.length === size) return inOrder(found, true, isBack);
      found.push(row);
    }
    const last = rows.at(-1)?.sid;
    if (!page.more || last === undefined) return inOrder(found, false, isBack);
    if (read >= MOST_READ) return { ...inOrder(found, true, isBack), end: last };
    await nextTurn();
    from = isBack ? { kind: 'newer', than: last } : { kind: 'older', than: last };
  }
}

function inOrder(rows: EuiccRow[], more: boolean, isBack: boolean): Page<EuiccRow> {
  return { rows: isBack ? rows.toReversed() : rows, more };
}

/** How many match, up to `limit`. @returns `more`: there are more, or may be */
export async function countEuiccs(
  filter: EuiccFilter,
  limit: number,
  { euiccCount, euiccPages }: Pick<Store, 'euiccCount' | 'euiccPages'>,
): Promise<{ count: number; more: boolean }> {
  if (!needsLook(filter)) return euiccCount(columnsOf(filter), limit);
  const first = { kind: 'first' } as const;
  const { rows, more } = await findEuiccs(filter, first, limit, { euiccPages });
  return { count: rows.length, more };
}

/** All that match, newest first, in parts. */
export async function* walkEuiccs(
  filter: EuiccFilter,
  { euiccPages }: Pick<Store, 'euiccPages'>,
  signal?: AbortSignal,
): AsyncGenerator<EuiccRow[]> {
  const columns = columnsOf(filter);
  for (let last: string | undefined; ;) {
    signal?.throwIfAborted();
    const position =
      last === undefined ? ({ kind: 'first' } as const) : ({ kind: 'older', than: last } as const);
    const page = await euiccPages(columns, position, AT_ONCE);
    const rows = page.rows.filter((row) => matches(row, filter));
    if (rows.length > 0) yield rows;
    if (!page.more) return;
    await nextTurn();
    last = page.rows.at(-1)!.sid;
  }
}

const columnsOf = ({ accountSid, eid, groupSid, states }: EuiccFilter) => ({
  account_sid: accountSid,
  eid,
  group_sid: groupSid,
  state: states,
});

const needsLook = ({ metadata = {}, search, seenAfter, seenBefore }: EuiccFilter) =>
  [search, seenAfter, seenBefore].some((given) => given !== undefined) ||
  Object.keys(metadata).length > 0;

function matches(row: EuiccRow, filter: EuiccFilter): boolean {
  const { metadata, date_seen: seen } = row;
  const { metadata: wanted = {}, search, seenAfter, seenBefore } = filter;
  if (search !== undefined && !isFoundBy(search, row)) return false;
  if (seenAfter !== undefined && (seen === null || Date.parse(seen) < seenAfter.getTime())) {
    return false;
  }
  if (seenBefore !== undefined && seen !== null && Date.parse(seen) >= seenBefore.getTime()) {
    return false;
  }
  const pairs = Object.entries(wanted);
  if (pairs.length === 0) return true;
  const own = metadata === null ? {} : (JSON.parse(metadata) as Record<string, string>);
  return pairs.every(([key, value]) => Object.hasOwn(own, key) && own[key] === value);
}

function isFoundBy(search: string, { sid, eid, friendly_name: name }: EuiccRow): boolean {
  const digits = search.replaceAll(/\s/g, '').toUpperCase();
  return (
    eid.startsWith(digits) ||
    eid.endsWith(digits) ||
    sid.toUpperCase().startsWith(digits) ||
    (name !== null && ignoringCase(name).includes(ignoringCase(search.trim())))
  );
}
