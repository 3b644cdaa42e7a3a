// Loaded into each process of the storm's servers before it starts: its clock and its disk obey the storm.
import cluster from 'node:cluster';
import fs from 'node:fs';
import type { NoParamCallback } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import type { Worker } from 'node:cluster';
import { setClockAhead } from '../../test/shifted-clock.ts';

/** What the storm tells a server. */
export interface Order {
  clockAheadMs?: number;
  /** How long each sync takes longer, and whether it then fails. */
  sync?: { delayMs: number; fails: boolean };
}

let sync: NonNullable<Order['sync']> = { delayMs: 0, fails: false };

/** What workers that come later must know. */
let last: Order = {};

process.on('message', (order: Order) => {
  if (order.clockAheadMs !== undefined) setClockAhead(order.clockAheadMs);
  sync = order.sync ?? sync;
  last = { ...last, ...order };
  // All processes of a server are on one machine.
  if (cluster.isPrimary) for (const worker of workers()) worker.send(order, () => {});
});
cluster.on('online', (worker) => worker.send(last, () => {}));

const workers = () =>
  Object.values(cluster.workers ?? {}).filter((one) => one?.isConnected() === true) as Worker[];

if (cluster.isPrimary) {
  process.once('disconnect', () => process.exit(1));
  // A server that has stopped must end, although it could still be told something.
  process.channel?.unref();
}

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
