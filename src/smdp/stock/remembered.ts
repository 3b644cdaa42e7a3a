// Remembers what takes long to count: see docs/decisions/0009-counting-stock.md.
import type { Store } from '../../store/store.ts';

/** From this number of subscriptions, counting takes a while. */
const LARGE = 20_000;
/** Maximum share of time spent counting a large stock, however often it is requested. */
const COUNTING_SHARE = 1 / 20;

interface Remembered {
  counting: Promise<unknown>;
  /** In terms of `performance.now()`. */
  until: number;
}

type StoreKey = Pick<Store, 'stock'>;
const known = new WeakMap<StoreKey['stock'], Map<string, Remembered>>();

/**
 * @param what names the count
 * @param count also tells how many subscriptions it has counted
 */
export async function remembered<T>(
  what: string,
  accountSid: string,
  { stock }: StoreKey,
  count: () => Promise<{ value: T; counted: number }>,
): Promise<T> {
  const ofStore = known.get(stock) ?? new Map<string, Remembered>();
  known.set(stock, ofStore);
  const key = `${accountSid} ${what}`;
  const last = ofStore.get(key);
  if (last !== undefined && performance.now() < last.until) return last.counting as Promise<T>;
  const started = performance.now();
  const counted = count();
  const counting = counted.then(({ value }) => value);
  // This caller is told by `counted`, others that share it by this.
  counting.catch(() => {});
  // Requests for a large stock during a count share its result.
  const task = { counting, until: Infinity };
  if (last !== undefined) ofStore.set(key, task);
  let isLarge = false;
  try {
    isLarge = (await counted).counted >= LARGE;
    return await counting;
  } finally {
    const ended = performance.now();
    task.until = ended + (ended - started) / COUNTING_SHARE;
    if (isLarge) ofStore.set(key, task);
    else ofStore.delete(key);
  }
}

/** To be called after adding to the stock. */
export function forgetStockCount(accountSid: string, { stock }: StoreKey): void {
  const ofStore = known.get(stock);
  for (const key of ofStore?.keys() ?? []) {
    if (key.startsWith(`${accountSid} `)) ofStore!.delete(key);
  }
}
