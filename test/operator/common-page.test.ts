// A page of what lists have in common: all of it, in order, and no page reads more than its share.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { commonPage } from '../../src/operator/common-page.ts';
import type { SidList } from '../../src/operator/common-page.ts';
import type { Position } from '../../src/store/pages.ts';

const sidOf = (number: number) => `HP${String(number).padStart(8, '0')}`;
const COUNT = 50_000;
const NUMBERS = Array.from({ length: COUNT }, (_, number) => number);

let read = 0;
/** The SIDs of a list, as an index has them. */
function listOf(isIn: (number: number) => boolean): SidList {
  const numbers = NUMBERS.filter(isIn);
  const before = Array.from({ length: COUNT + 1 }, () => 0);
  for (const number of NUMBERS) before[number + 1] = before[number]! + (isIn(number) ? 1 : 0);
  return async (position, size) => {
    const than = position.kind === 'first' ? COUNT : Number(position.than.slice(2) || -1);
    const isNewer = position.kind === 'newer';
    const found = isNewer
      ? numbers.slice(before[than + 1], before[than + 1]! + size + 1)
      : numbers.slice(Math.max(0, before[than]! - size - 1), before[than]).toReversed();
    read += found.length;
    const rows = found.slice(0, size).map((number) => ({ sid: sidOf(number) }));
    return { rows: isNewer ? rows.toReversed() : rows, more: found.length > size };
  };
}

function pagesOf(...conditions: ((number: number) => boolean)[]) {
  const lists = conditions.map(listOf);
  const isCommon = (sid: string) => conditions.every((isIn) => isIn(Number(sid.slice(2))));
  return (position: Position, size: number) =>
    commonPage(
      lists,
      async (sids, from, most) => {
        const found = sids.filter(isCommon);
        const some = from.kind === 'newer' ? found.slice(-most) : found.slice(0, most);
        return some.map((sid) => ({ sid }));
      },
      position,
      size,
    );
}

/** All pages in one direction, and how many there were. */
async function walk(pages: ReturnType<typeof pagesOf>, kind: 'older' | 'newer', size: number) {
  const found: string[] = [];
  let position: Position = kind === 'older' ? { kind: 'first' } : { kind, than: 'HP' };
  for (let count = 1; ; count++) {
    read = 0;
    const { rows, more, end } = await pages(position, size);
    assert.ok(read <= 2 * 10_100, `a page read ${read} SIDs`);
    const sids = rows.map(({ sid }) => sid);
    if (kind === 'older') found.push(...sids);
    else found.unshift(...sids);
    if (!more) return { found, count };
    assert.ok(
      end !== undefined || sids.length === size,
      'a page that is not full says where it ended',
    );
    position = { kind, than: end ?? (kind === 'older' ? sids.at(-1)! : sids[0]!) };
  }
}

const numbered = (isIn: (number: number) => boolean) =>
  NUMBERS.filter(isIn).map(sidOf).toReversed();

describe('a page of what lists have in common', () => {
  for (const [what, ...conditions] of [
    ['two that overlap', (n: number) => n % 2 === 0, (n: number) => n % 3 === 0],
    ['a short one and a long one', (n: number) => n % 1000 === 7, (n: number) => n % 2 === 1],
    ['one that lies before the other', (n: number) => n < 20_000, (n: number) => n > 19_990],
    ['two that never meet', (n: number) => n % 2 === 0, (n: number) => n % 2 === 1],
    ['one of which is empty', () => true, () => false],
    [
      'dense ones that meet once',
      (n: number) => n % 2 === 0,
      (n: number) => n % 2 === 1 || n === 4,
    ],
  ] as const) {
    test(`of ${what}: all of it, both ways, a bounded part of them at a time`, async () => {
      const expected = numbered((n) => conditions.every((isIn) => isIn(n)));
      const pages = pagesOf(...conditions);
      for (const size of [50, 1000]) {
        assert.deepEqual((await walk(pages, 'older', size)).found, expected);
        assert.deepEqual((await walk(pages, 'newer', size)).found, expected);
      }
    });
  }

  test('that never meet ends before it is full, and says where it goes on', async () => {
    const pages = pagesOf(
      (n) => n % 2 === 0,
      (n) => n % 2 === 1,
    );
    const first = await pages({ kind: 'first' }, 50);
    assert.deepEqual([first.rows, first.more], [[], true]);
    assert.ok(first.end! < sidOf(COUNT - 15_000));
    assert.ok((await walk(pages, 'older', 50)).count <= 4);
  });

  test('of a short list and a long one is read at once', async () => {
    read = 0;
    const pages = pagesOf(
      (n) => n % 1000 === 7,
      () => true,
    );
    const { rows, more } = await pages({ kind: 'first' }, 100);
    assert.deepEqual([rows.length, more], [50, false]);
    assert.ok(read < 3_000, `${read}`);
  });
});
