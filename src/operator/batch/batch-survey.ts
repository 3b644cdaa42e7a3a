// What the stock can give for a batch, without taking anything.
import type { Store } from '../../store/store.ts';
import type { Order } from '../placeOrder.ts';
import { ITEM_LIMIT } from './batch.ts';

export interface StockWanted {
  /** Null: items that take a subscription of any type. */
  profile_type: string | null;
  wanted: number;
  /** How many of them the stock has now, counted up to the most that a batch can want. */
  available: number;
}

export interface Survey {
  stock: StockWanted[];
  /** How many items can be ordered now. */
  orderable: number;
}

/** @param orders how many items want a profile type; undefined: any */
export async function surveyStock(
  accountSid: string,
  orders: ReadonlyMap<Order['profileType'], number>,
  { subscriptions }: Pick<Store, 'subscriptions'>,
): Promise<Survey> {
  const stock: StockWanted[] = [];
  for (const [profileType = null, wanted] of orders) {
    const available = await subscriptions.stockUpTo(accountSid, profileType, ITEM_LIMIT);
    stock.push({ profile_type: profileType, wanted, available });
  }
  const typed = sum(stock.filter(({ profile_type }) => profile_type !== null));
  const others = stock.find(({ profile_type }) => profile_type === null);
  // Those that take any get what the others leave.
  const left = others === undefined ? 0 : Math.max(0, others.available - typed);
  return { stock, orderable: typed + Math.min(others?.wanted ?? 0, left) };
}

const sum = (stock: StockWanted[]) =>
  stock.reduce((all, { wanted, available }) => all + Math.min(wanted, available), 0);

/** How many orders want each profile type. */
export function countTypes(orders: Iterable<Pick<Order, 'profileType'>>) {
  const counts = new Map<Order['profileType'], number>();
  for (const { profileType } of orders) counts.set(profileType, (counts.get(profileType) ?? 0) + 1);
  return counts;
}
