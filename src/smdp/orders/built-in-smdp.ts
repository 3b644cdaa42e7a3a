// The built-in SM-DP+ as an operator sees it.
import type { Es2Plus } from '../../es2plus/functions.ts';
import { cancelOrder } from './cancelOrder.ts';
import { confirmOrder } from './confirmOrder.ts';
import { downloadOrder } from './downloadOrder.ts';
import type { OrderBook } from './order-context.ts';
import { releaseProfile } from './releaseProfile.ts';

export function builtInSmdp(book: OrderBook): Es2Plus {
  return {
    downloadOrder: (request) => downloadOrder(request, book),
    confirmOrder: (request) => confirmOrder(request, book),
    cancelOrder: (request) => cancelOrder(request, book),
    releaseProfile: (request) => releaseProfile(request, book),
  };
}
