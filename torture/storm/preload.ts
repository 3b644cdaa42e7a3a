// Loaded into each server of the storm before it starts: its clock and its disk obey the storm.
import fs from 'node:fs';
import type { NoParamCallback } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { setClockAhead } from '../../test/shifted-clock.ts';

/** What the storm tells a server. */
export interface Order {
  clockAheadMs?: number;
  /** How long each sync takes longer, and whether it then fails. */
  sync?: { delayMs: number; fails: boolean };
}

let sync: NonNullable<Order['sync']> = { delayMs: 0, fails: false };

process.on('message', (order: Order) => {
  if (order.clockAheadMs !== undefined) setClockAhead(order.clockAheadMs);
  sync = order.sync ?? sync;
});
process.once('disconnect', () => process.exit(1));
// A server that has stopped must end, although it could still be told something.
process.channel?.unref();

const { fdatasync } = fs;
fs.fdatasync = ((handle: number, callback: NoParamCallback) => {
  const { delayMs, fails } = sync;
  const act = () => {
    if (!fails) return fdatasync(handle, callback);
    callback(Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' }));
  };
  if (delayMs === 0 && !fails) act();
  else setTimeout(act, delayMs);
}) as typeof fs.fdatasync;
syncBuiltinESMExports();
