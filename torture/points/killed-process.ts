// Loaded into a server process before the server: kills the process at one point, and sets its clock.
import { watchNetwork } from './faults-network.ts';
import { watchPostgres } from './faults-postgres.ts';
import { watchSqlite } from './faults-sqlite.ts';
import { beWhole, Instance } from './instance.ts';
import { Ledger } from './ledger.ts';
import { parsePoint } from './point.ts';
import { setAhead } from './trial-clock.ts';

/** What the process is told. */
export interface Told {
  ahead?: number;
  /** The point to be killed at, if calls are counted from now on; otherwise ''. Acknowledged by a message. */
  watch?: string;
}

const { WATCH = '', AHEAD, DATABASE_PORT, RECEIVER_PORT } = process.env;
let watched = '';
let ledger: Ledger | undefined;

function watch(point: string): void {
  if (point !== watched) ledger = point === '' ? undefined : new Ledger(parsePoint(point));
  watched = point;
}

process.on('message', ({ ahead, watch: point }: Told) => {
  if (ahead !== undefined) setAhead(ahead);
  if (point === undefined) return;
  watch(point);
  process.send?.('watching');
});
process.channel?.unref();
process.once('disconnect', () => process.exit(1));
watchNetwork();
watchPostgres();
watchSqlite();
setAhead(Number(AHEAD));
watch(WATCH);
const peers = new Map([
  [Number(DATABASE_PORT), 'database'],
  [Number(RECEIVER_PORT), 'receiver'],
] as const);
beWhole(
  new Instance({
    pass: (call) => ledger?.pass(call),
    onDeath: () => process.kill(process.pid, 'SIGKILL'),
    peerAt: (port) => peers.get(port),
  }),
);
