// A page of what several lists have in common. Each is read by its index; the cost is bounded, however long they are and
// however little they have in common.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Page, Position } from '../store/pages.ts';

/** A list that is ordered by SID. */
export type SidList = (position: Position, size: number) => Promise<Page<{ sid: string }>>;

/** Which of the SIDs, all on this side of the position, belong to all lists: the first ones, at most `size`. */
export type Among<Row> = (
  sids: readonly string[],
  position: Position,
  size: number,
) => Promise<Row[]>;

/** How many SIDs of each list are read: few at first, as the newest may do. Sizes that have a query of their own. */
const FIRST = 100;
const AT_ONCE = 1000;
/** How often until a page ends short. */
const ROUNDS = 10;

/** @returns with `end`, if there was more to read than a page may cost */
export async function commonPage<Row extends { sid: string }>(
  lists: readonly SidList[],
  among: Among<Row>,
  position: Position,
  size: number,
): Promise<Page<Row>> {
  const kind = position.kind === 'newer' ? 'newer' : 'older';
  const wanted = size + 1;
  let rows: Row[] = [];
  let from = position;
  let atOnce = wanted > FIRST ? AT_ONCE : FIRST;
  for (let round = 0; round < ROUNDS; round++) {
    if (round > 0) await nextTurn();
    const parts = await Promise.all(lists.map((list) => list(from, atOnce)));
    const part = sparsest(parts, kind);
    const found = await among(possible(part, parts, kind), from, wanted - rows.length);
    rows = kind === 'newer' ? [...found, ...rows] : [...rows, ...found];
    if (rows.length === wanted) {
      return { rows: kind === 'newer' ? rows.slice(1) : rows.slice(0, -1), more: true };
    }
    if (!part.more) return { rows, more: false };
    from = { kind, than: endOf(part, kind) };
    atOnce = AT_ONCE;
  }
  return from.kind === 'first' ? { rows, more: false } : { rows, more: true, end: from.than };
}

type Part = Page<{ sid: string }>;

const endOf = ({ rows }: Part, kind: 'older' | 'newer') =>
  (kind === 'newer' ? rows[0]! : rows.at(-1)!).sid;

/** The part that covers most of its list; all that the lists have in common as far as its end is in it. */
function sparsest(parts: readonly Part[], kind: 'older' | 'newer'): Part {
  const whole = parts.filter(({ more }) => !more);
  if (whole.length > 0) {
    return whole.reduce((one, other) => (other.rows.length < one.rows.length ? other : one));
  }
  return parts.reduce((one, other) =>
    isFurther(endOf(other, kind), endOf(one, kind), kind) ? other : one,
  );
}

const isFurther = (one: string, other: string, kind: 'older' | 'newer') =>
  kind === 'newer' ? one > other : one < other;

/** The SIDs of a part that the others do not exclude: as far as they have been read, they have them. */
function possible(part: Part, parts: readonly Part[], kind: 'older' | 'newer'): string[] {
  const others = parts
    .filter((other) => other !== part)
    .map((other) => ({
      sids: new Set(other.rows.map(({ sid }) => sid)),
      end: other.more ? endOf(other, kind) : undefined,
    }));
  return part.rows
    .map(({ sid }) => sid)
    .filter((sid) =>
      others.every(
        ({ sids, end }) => sids.has(sid) || (end !== undefined && isFurther(sid, end, kind)),
      ),
    );
}
