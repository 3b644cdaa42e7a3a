// Pages of items that have no SID, but a number in the order of their request.
import type { Page } from '../store/pages.ts';
import type { PageRequest } from './page.ts';

/**
 * By keys with which they are in order when they are sorted as lists are, the last first.
 * @param limit the highest number
 * @returns reads a page; `isFiltered`: whether some are left out between two numbers; `walk` yields those from a number on
 */
export function itemPages(prefix: string, limit: number) {
  const keyOf = (item: number) => prefix + (limit + 1 - item).toString(16).padStart(32, '0');
  const itemOf = (key: string) =>
    limit + 1 - Math.min(Number(`0x${key.slice(prefix.length)}`), limit + 1);

  return async function pageOf<Item extends { item: number }>(
    { position, size }: PageRequest,
    isFiltered: boolean,
    walk: (from: number) => AsyncIterable<readonly Item[]>,
  ): Promise<Page<Item & { sid: string }>> {
    const isBack = position.kind === 'newer';
    const before = isBack ? itemOf(position.than) : Infinity;
    const from = position.kind === 'older' ? itemOf(position.than) + 1 : 1;
    const found: Item[] = [];
    // Back from an item: all before it are looked at if only some are wanted, and otherwise just those of the page.
    const start = isBack && !isFiltered ? Math.max(1, before - size - 1) : from;
    for await (const items of walk(start)) {
      found.push(...items.filter(({ item }) => item < before));
      if (items.at(-1)!.item >= before || (!isBack && found.length > size)) break;
    }
    const rows = isBack ? found.slice(-size) : found.slice(0, size);
    return {
      rows: rows.map((item) => ({ ...item, sid: keyOf(item.item) })),
      more: found.length > size,
    };
  };
}
