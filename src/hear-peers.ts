// What a worker learns from the other workers of its server.
import type { Context } from './context.ts';
import { hearEndedSessions } from './smdp/download/begun-session.ts';
import { lendFirstEntries } from './smdp/download/first-entries.ts';
import { forgetStockCount } from './smdp/stock/remembered.ts';

export function hearPeers(context: Context): void {
  const { peers, store } = context;
  lendFirstEntries(context);
  hearEndedSessions(context);
  peers.onTold('stock changed', (accountSid) => forgetStockCount(accountSid, store));
}
