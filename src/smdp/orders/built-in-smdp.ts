// The built-in SM-DP+ as seen by an operator.
import type { SmdpFunctions } from '../../es2plus/functions.ts';
import { cancelOrder } from './cancelOrder.ts';
import { confirmOrder } from './confirmOrder.ts';
import { downloadOrder } from './downloadOrder.ts';
import type { OrderContext } from './order-context.ts';
import { releaseProfile } from './releaseProfile.ts';

export function builtInSmdp(context: OrderContext): SmdpFunctions {
  return {
    downloadOrder: (request) => downloadOrder(request, context),
    confirmOrder: (request) => confirmOrder(request, context),
    cancelOrder: (request) => cancelOrder(request, context),
    releaseProfile: (request) => releaseProfile(request, context),
  };
}
