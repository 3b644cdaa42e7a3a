// A batch of 10,000 orders: how fast it is carried out, and how long a single order takes beside it.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Server } from './child.ts';
import { openRaw } from './databases.ts';
import { Connection, request } from './http.ts';
import { addStock } from './orders.ts';
import { ORDERING } from './profiles.ts';
import { median, table } from './report.ts';

const COUNT = 10_000;
/** Single orders without a batch, and the pause between two of them at any time. */
const ALONE = 200;
const PAUSE_MS = 20;
/** More than are ordered beside a batch. */
const SPARE = 5_000;

const PATH = '/v1/ESimProfiles';
const ORDER = request(PATH, ORDERING, { form: 'GenerateMatchingId=true' });
const WAYS: [name: string, form: string][] = [
  ['each for itself', ''],
  ['all or nothing', '&AllOrNothing=true'],
];
const TABLES = [
  'esim_profiles',
  'esim_profile_events',
  'sims',
  'subscriptions',
  'batches',
  'batch_parts',
];

/** Milliseconds from the POST of an order until it is answered, and until it is seen `available`. */
interface Taken {
  answered: number;
  available: number;
}

/** @returns the figures as a Markdown table */
export async function measureBatches(
  server: Server,
  databaseUrl: string,
  onWay: (name: string) => void,
): Promise<string> {
  const raw = await openRaw(databaseUrl, 1);
  const rows: string[][] = [];
  try {
    await addStock(databaseUrl, WAYS.length * COUNT + 2 * ALONE + SPARE);
    await ordersUntil(server, (count) => count >= ALONE);
    rows.push(['no batch', '', ...waits(await ordersUntil(server, (count) => count >= ALONE))]);
    for (const [name, more] of WAYS) {
      onWay(name);
      const form = `Count=${COUNT}&GenerateMatchingId=true${more}`;
      const began = performance.now();
      const { body } = await server.pool.one(request(`${PATH}/Batches`, ORDERING, { form }));
      const { sid } = JSON.parse(body.toString()) as { sid: string };
      let seconds: number | undefined;
      const watching = (async () => {
        const fetched = request(`${PATH}/Batches?PageSize=1`, ORDERING);
        while ((await server.pool.one(fetched)).body.includes('"running"')) await sleep(50);
        seconds = (performance.now() - began) / 1000;
      })();
      const beside = await ordersUntil(server, () => seconds !== undefined);
      await watching;
      const text = request(`${PATH}/Batches/${sid}`, ORDERING);
      const ended = JSON.parse((await server.pool.one(text)).body.toString()) as {
        ordered: number;
      };
      if (ended.ordered !== COUNT) throw new Error(`of a batch only ${ended.ordered} are ordered`);
      rows.push([name, Math.round(COUNT / seconds!).toLocaleString('en'), ...waits(beside)]);
    }
  } finally {
    for (const name of TABLES) {
      await raw.run(`delete from ${name} where account_sid = '${ORDERING.sid}'`, []);
    }
    await raw.close();
  }
  return table(
    [
      `batch of ${COUNT.toLocaleString('en')}`,
      'orders/s',
      'order beside it answered, median ms',
      '99 %, ms',
      '`available`, median ms',
      '99 %, ms',
    ],
    rows,
  );
}

/** Orders one after the other. */
async function ordersUntil(server: Server, isEnough: (count: number) => boolean): Promise<Taken[]> {
  // Its own: others ask through the pool meanwhile.
  const connection = await Connection.open(Number(new URL(server.url).port));
  const taken: Taken[] = [];
  while (!isEnough(taken.length)) {
    const began = performance.now();
    const { body } = await connection.send(ORDER);
    const answered = performance.now() - began;
    const { sid } = JSON.parse(body.toString()) as { sid: string };
    const fetched = request(`${PATH}/${sid}`, ORDERING);
    while (!(await connection.send(fetched)).body.includes('"available"')) await sleep(1);
    taken.push({ answered, available: performance.now() - began });
    await sleep(PAUSE_MS);
  }
  connection.close();
  return taken;
}

function waits(taken: Taken[]): string[] {
  return (['answered', 'available'] as const).flatMap((what) => {
    const sorted = taken.map((one) => one[what]).toSorted((one, other) => one - other);
    return [median(sorted), sorted[Math.floor(sorted.length * 0.99)]!].map((ms) => ms.toFixed(1));
  });
}
