// What would become of a batch, without keeping anything: which items are wrong, and what the stock can give.
import type { Store } from '../../store/store.ts';
import type { Order } from '../placeOrder.ts';
import { ITEM_LIMIT } from './batch.ts';
import type { NewBatch } from './batch.ts';

/** An item that is no order. */
export interface ItemProblem {
  /** From 1. */
  item: number;
  /** What was expected and what came. */
  message: string;
}

export interface StockWanted {
  /** Null: items that take a subscription of any type. */
  profile_type: string | null;
  wanted: number;
  /** How many of them the stock has now, counted up to the most that a batch can want. */
  available: number;
}

export interface Survey {
  all_or_nothing: boolean;
  count: number;
  valid: number;
  /** How many items can be ordered now. */
  orderable: number;
  stock: StockWanted[];
  problems: ItemProblem[];
}

type Items = NewBatch['items'];

export const countOf = (items: Items) => ('count' in items ? items.count : items.length);

export function problemsOf(items: Items): ItemProblem[] {
  if ('count' in items) return [];
  return items.flatMap((item, index) =>
    'problem' in item ? [{ item: index + 1, message: item.problem }] : [],
  );
}

/** Of a batch of which nothing can be ordered: all or nothing is wanted and not all is right, or nothing is. */
export function problemsOfAll({ items, allOrNothing }: Pick<NewBatch, 'items' | 'allOrNothing'>) {
  const problems = problemsOf(items);
  return allOrNothing || problems.length === countOf(items) ? problems : [];
}

export async function surveyBatch(
  { accountSid, items, allOrNothing }: Pick<NewBatch, 'accountSid' | 'items' | 'allOrNothing'>,
  store: Pick<Store, 'stock'>,
): Promise<Survey> {
  const problems = problemsOf(items);
  const count = countOf(items);
  const { stock, orderable } = await surveyStock(accountSid, typesOf(items), store);
  const isNothing = allOrNothing && orderable < count;
  return {
    all_or_nothing: allOrNothing,
    count,
    valid: count - problems.length,
    orderable: isNothing ? 0 : orderable,
    stock,
    problems,
  };
}

type Types = Map<Order['profileType'], number>;

async function surveyStock(
  accountSid: string,
  types: Types,
  tables: Pick<Store, 'stock'>,
): Promise<Pick<Survey, 'stock' | 'orderable'>> {
  const stock: StockWanted[] = [];
  for (const [profileType = null, wanted] of types) {
    const available = await tables.stock.upTo(accountSid, profileType, ITEM_LIMIT);
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

/** How many items want each profile type. */
function typesOf(items: Items): Types {
  if ('count' in items) return new Map([[items.order.profileType, items.count]]);
  const counts: Types = new Map();
  for (const item of items) {
    if ('problem' in item) continue;
    const { profileType } = item.order;
    counts.set(profileType, (counts.get(profileType) ?? 0) + 1);
  }
  return counts;
}
