// What is in stock: how much of each profile type, and in which ranges of ICCIDs. The cost grows with the stock in hand, not
// with the orders that have been filled from it.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Store } from '../../store/store.ts';
import type { BlockInStock } from '../../store/stock.ts';
import { remembered } from './remembered.ts';

/** Adjacent blocks of ICCIDs with something in stock. */
export interface IccidRange {
  /** The lowest and the highest ICCID in stock. */
  first: string;
  last: string;
  /** How many in stock lie between them, both included; there may be gaps. */
  available: number;
}

export interface TypeInStock {
  profile_type: string;
  available: number;
  /** In ascending order, the first `RANGES`. */
  iccid_ranges: IccidRange[];
  /** How many more ranges there are. */
  more_ranges: number;
}

/** Subscriptions per query: short enough for others to get their turn in between. */
const SLICE = 20_000;
const RANGES = 20;

/** By profile type, in alphabetical order; for a large stock, a few seconds old. */
export function listInStock(
  accountSid: string,
  store: Pick<Store, 'stock'>,
): Promise<TypeInStock[]> {
  return remembered('in stock', accountSid, store, async () => {
    const types: TypeInStock[] = [];
    let after: string | undefined;
    for (;;) {
      after = await store.stock.nextType(accountSid, after);
      if (after === undefined) break;
      types.push(await typeInStock(accountSid, after, store));
    }
    return { value: types, counted: types.reduce((sum, { available }) => sum + available, 0) };
  });
}

async function typeInStock(
  accountSid: string,
  profileType: string,
  { stock }: Pick<Store, 'stock'>,
): Promise<TypeInStock> {
  const ranges = new Ranges();
  let available = 0;
  for (let after = ''; ;) {
    const blocks = await stock.blocks(accountSid, profileType, after, SLICE);
    for (const block of blocks) ranges.add(block);
    const count = blocks.reduce((sum, block) => sum + block.count, 0);
    available += count;
    if (count < SLICE) break;
    after = blocks
      .map(({ last }) => last)
      .toSorted()
      .at(-1)!;
    await nextTurn();
  }
  const all = ranges.all();
  return {
    profile_type: profileType,
    available,
    iccid_ranges: all.slice(0, RANGES),
    more_ranges: Math.max(0, all.length - RANGES),
  };
}

/** A range, and the block that it has come to. */
interface Open extends IccidRange {
  block: string;
}

class Ranges {
  readonly #all: Open[] = [];
  /** The range to go on with, by the number of digits: those of 19 and of 20 lie between each other. */
  readonly #open = new Map<number, Open>();

  add({ block, first, last, count }: BlockInStock): void {
    const open = this.#open.get(first.length);
    if (open !== undefined && (open.block === block || open.block === before(block))) {
      Object.assign(open, { block, last, available: open.available + count });
      return;
    }
    const range = { block, first, last, available: count };
    this.#open.set(first.length, range);
    this.#all.push(range);
  }

  all(): IccidRange[] {
    return this.#all.map(({ first, last, available }) => ({ first, last, available }));
  }
}

/** The block of digits before; undefined if it has letters, as ICCIDs of a laboratory may. */
function before(block: string): string | undefined {
  if (!/^\d+$/.test(block)) return undefined;
  return String(BigInt(block) - 1n).padStart(block.length, '0');
}
