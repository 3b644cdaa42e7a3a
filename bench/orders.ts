// Orders: from the POST until all are `available`, against bare inserts of the same row.
import { setTimeout as sleep } from 'node:timers/promises';
import { MasterKey } from '../src/process/keys.ts';
import { Sids } from '../src/values/sid.ts';
import { generateTestStock } from '../src/smdp/stock/test-stock.ts';
import { openStore } from '../src/store/open.ts';
import type { Server } from './child.ts';
import type { Kind } from './databases.ts';
import { databaseOf, insertProfile, MASTER_KEY, openRaw, valuesOf } from './databases.ts';
import { request } from './http.ts';
import { watchDatabase } from './proc.ts';
import { ORDERING, profile } from './profiles.ts';
import { unitAt } from '../test/unit.ts';

const PATH = '/v1/ESimProfiles';
const CONCURRENCY = 16;
/** Number of a profile like the one that an order becomes. */
const AVAILABLE = Array.from({ length: 100 }, (_, n) => n).find(
  (n) => profile(n).status === 'available' && profile(n).matching_id !== null,
)!;
const ORDER = request(PATH, ORDERING, { form: 'GenerateMatchingId=true' });
const TABLES = ['esim_profiles', 'esim_profile_events', 'sims', 'subscriptions'];

export interface OrderSamples {
  /** Orders per second, from the first POST until all are `available`. */
  orders: number[];
  /** Bare inserts per second. */
  inserts: number[];
  /** CPU time of the server per order, in microseconds. */
  cpu: number[];
  /**
   * CPU time of an order, by that of a bare insert: of the server, or of what inserts, and of PostgreSQL. Empty if PostgreSQL
   * is not on this machine.
   */
  ratios: number[];
  /** Milliseconds from the POST of a single order until it is seen `available`, sorted. */
  latencies: number[];
}

export async function measureOrders(
  kind: Kind,
  server: Server,
  databaseUrl: string,
  rounds: number,
  count: number,
): Promise<OrderSamples> {
  const samples: OrderSamples = { orders: [], inserts: [], cpu: [], ratios: [], latencies: [] };
  const raw = await openRaw(databaseUrl, CONCURRENCY);
  const postgres = kind === 'sqlite' ? () => 0 : await watchDatabase(kind, databaseUrl);
  const singles = 50;
  try {
    await addStock(databaseUrl, (rounds + 1) * count + singles);
    for (let round = 0; round <= rounds; round++) {
      const start = postgres?.();
      const own = process.cpuUsage();
      const inserts = await rate(count, () => insertBare(count));
      const { user, system } = process.cpuUsage(own);
      const before = await server.usage();
      const middle = postgres?.();
      const orders = await rate(count, () => orderAll(count));
      const after = await server.usage();
      const end = postgres?.();
      if (round === 0) continue; // warms up
      samples.inserts.push(inserts);
      samples.orders.push(orders);
      const cpu = after.cpuMicroseconds - before.cpuMicroseconds;
      samples.cpu.push(cpu / count);
      if (start === undefined) continue;
      samples.ratios.push((cpu + end! - middle!) / (user + system + middle! - start));
    }
    for (let n = 0; n < singles; n++) samples.latencies.push(await orderOne());
    samples.latencies.sort((left, right) => left - right);
    if (await anyWith('failed')) throw new Error('an order of the benchmark has failed');
  } finally {
    for (const table of TABLES) {
      await raw.run(`delete from ${table} where account_sid = '${ORDERING.sid}'`, []);
    }
    await raw.close();
  }
  return samples;

  async function orderAll(orders: number): Promise<void> {
    let left = orders;
    await server.pool.drive(() => (left-- > 0 ? ORDER : undefined), 201);
    while ((await anyWith('new')) || (await anyWith('reserving'))) await sleep(5);
  }

  async function anyWith(status: string): Promise<boolean> {
    const text = request(`${PATH}?Status=${status}&PageSize=1`, ORDERING);
    return (await server.pool.one(text)).body.includes('"sid"');
  }

  async function orderOne(): Promise<number> {
    const started = performance.now();
    const { body } = await server.pool.one(ORDER);
    const { sid } = JSON.parse(body.toString()) as { sid: string };
    const fetched = request(`${PATH}/${sid}`, ORDERING);
    while (!(await server.pool.one(fetched)).body.includes('"available"')) await sleep(0);
    return performance.now() - started;
  }

  async function insertBare(rows: number): Promise<void> {
    const text = insertProfile(kind === 'sqlite' ? '?' : '$');
    const like = profile(AVAILABLE);
    const sids = new Sids();
    let left = rows;
    const work = async () => {
      while (left-- > 0) {
        const row = {
          ...like,
          account_sid: ORDERING.sid,
          sid: sids.next('esimProfile', new Date()),
        };
        await raw.run(text, valuesOf(row));
      }
    };
    await Promise.all(Array.from({ length: kind === 'sqlite' ? 1 : CONCURRENCY }, work));
  }
}

/** For the account that orders. */
export async function addStock(databaseUrl: string, count: number): Promise<void> {
  const store = await openStore(databaseOf(databaseUrl));
  await store.transaction((tables) =>
    generateTestStock(
      ORDERING.sid,
      count,
      undefined,
      new MasterKey(MASTER_KEY),
      unitAt(tables, new Date()),
    ),
  );
  await store.close();
}

async function rate(count: number, work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return (count / (performance.now() - started)) * 1000;
}
