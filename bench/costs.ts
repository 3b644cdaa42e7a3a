// What each kind of work costs a server and its database on this machine, and whether these costs add up when all is done at once.
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import type { Server } from './child.ts';
import { addDownloads, removeDownloads } from './download-stock.ts';
import { LARGE, turn, WAYS } from './downloads.ts';
import { Connection, request } from './http.ts';
import { asks, etagOfPolled, notModified } from './lists.ts';
import { download } from './lpa.ts';
import { addStock } from './orders.ts';
import { ORDERING } from './profiles.ts';
import { median } from './report.ts';
import type { Used, WorkCost } from './simulation.ts';
import { costWith } from './simulation.ts';
import type { Side } from './side.ts';

/** By kind of work. */
export interface Costs {
  order: WorkCost;
  /** On a connection that is kept. */
  download: WorkCost;
  handshake: WorkCost;
  callback: WorkCost;
  page: WorkCost;
  poll: WorkCost;
}

/**
 * Microseconds of CPU on PostgreSQL with 10,000 profiles and one core of an AMD EPYC for each process: measured as
 * docs/benchmarks.md says, but for `callback`, `poll` and the `database` of `page`, which are estimates. Those of one alone are as many times
 * as much as `--measure` found on a busy machine.
 */
export const KNOWN: Costs = {
  order: { node: 247, database: 222, commits: 2, alone: { node: 1_310, database: 1_200 } },
  download: { node: 3_221, database: 1_336, commits: 3, alone: { node: 5_600, database: 1_620 } },
  handshake: { node: 646, database: 91, commits: 0 },
  callback: { node: 250, database: 150, commits: 2 },
  page: { node: 150, database: 90, commits: 0, alone: { node: 290, database: 190 } },
  poll: { node: 41, database: 12, commits: 0 },
};

/** What one of each writes, and how it grows the database. */
export interface Bytes {
  order: number;
  download: number;
  stored: number;
}

const A_TURN = 160;
/** Of those that are done one after the other. */
const ALONE = 80;
const WARM_TURNS = 6;
const ROUNDS = 5;
const PAGES_MS = 500;
const MIXED_MS = 4_000;
/** Of all works at once: how many are done at a time. */
const MIXED = { order: 2, page: 2, download: 8 };
const WRITES = 100;
const PAGE = Buffer.alloc(8_192, 1);

export interface Measured {
  costs: Costs;
  bytes: Bytes;
  fsyncMs: number;
  /** Of all works at once: what their costs say, by what was used. */
  additive: { node: number; database: number };
}

export async function measureCosts(
  side: Side,
  folder: string,
  onProgress: (text: string) => void,
): Promise<Measured> {
  const { server, url } = side;
  const receiver = await startReceiver();
  const admin = new Client({ connectionString: url });
  await admin.connect();
  const written = async () => {
    const text = `select pg_current_wal_lsn() - '0/0' as bytes, pg_database_size(current_database()) as size`;
    const { rows } = await admin.query<{ bytes: string; size: string }>(text);
    return { wal: Number(rows[0]!.bytes), size: Number(rows[0]!.size) };
  };
  const order = (callback: boolean) =>
    request('/v1/ESimProfiles', ORDERING, {
      form: `GenerateMatchingId=true${callback ? `&CallbackUrl=${encodeURIComponent(receiver.url)}` : ''}`,
    });
  const bytes: Record<'order' | 'download' | 'stored', number[]> = {
    order: [],
    download: [],
    stored: [],
  };

  async function ordersAlone(): Promise<Used> {
    await addStock(url, ALONE);
    const used = await usedBy(side, async () => {
      for (let count = 0; count < ALONE; count++) await server.pool.one(order(false));
      await settled(server);
    });
    return each(used, ALONE);
  }

  async function orders(callback: boolean): Promise<Used> {
    await addStock(url, A_TURN);
    const before = await written();
    receiver.received = 0;
    let left = A_TURN;
    const used = await usedBy(side, async () => {
      await server.pool.drive(() => (left-- > 0 ? order(callback) : undefined), 201);
      await settled(server);
      const calls = callback ? 2 * A_TURN : 0;
      while (receiver.received < calls) await sleep(5);
    });
    if (!callback) bytes.order.push(((await written()).wal - before.wal) / A_TURN);
    return each(used, A_TURN);
  }

  async function downloadsAlone(): Promise<Used> {
    const tickets = await addDownloads(server, url, LARGE, ALONE);
    const way = WAYS.find((one) => !one.newConnections && one.devices === 1)!;
    const used = await usedBy(side, () => turn(server, { ...way, count: ALONE }, tickets));
    return each(used, ALONE);
  }

  async function downloads(newConnections: boolean): Promise<Used> {
    const atFirst = await written();
    const tickets = await addDownloads(server, url, LARGE, A_TURN);
    const before = await written();
    const way = WAYS.find((one) => one.newConnections === newConnections && one.devices > 1)!;
    const used = await usedBy(side, () => turn(server, { ...way, count: A_TURN }, tickets));
    const last = await written();
    if (!newConnections) {
      bytes.download.push((last.wal - before.wal) / A_TURN);
      bytes.stored.push((last.size - atFirst.size) / A_TURN);
    }
    return each(used, A_TURN);
  }

  async function pages(text: (n: number) => string, status: number): Promise<Used> {
    const end = performance.now() + PAGES_MS;
    let asked = 0;
    const used = await usedBy(side, () =>
      server.pool.drive(() => (performance.now() < end ? text(asked++) : undefined), status),
    );
    return each(used, asked);
  }

  async function pagesAlone(): Promise<Used> {
    const end = performance.now() + PAGES_MS;
    let asked = 0;
    const used = await usedBy(side, async () => {
      for (; performance.now() < end; asked++) await server.pool.one(page(asked));
    });
    return each(used, asked);
  }

  const page = asks(10_000)['random page']!;
  const etag = notModified(await etagOfPolled(server));
  const kinds: Record<string, () => Promise<Used>> = {
    order: () => orders(false),
    called: () => orders(true),
    download: () => downloads(false),
    connecting: () => downloads(true),
    page: () => pages(page, 200),
    poll: () => pages(() => etag, 304),
    'order alone': ordersAlone,
    'download alone': downloadsAlone,
    'page alone': pagesAlone,
  };
  const samples = new Map(Object.keys(kinds).map((kind) => [kind, [] as Used[]]));
  try {
    for (let round = -WARM_TURNS; round < ROUNDS; round++) {
      for (const [kind, work] of Object.entries(kinds)) {
        onProgress(`costs, ${round < 0 ? 'warming up' : `round ${round + 1}/${ROUNDS}`}, ${kind}`);
        const used = await work();
        if (round >= 0) samples.get(kind)!.push(used);
      }
      if (round < ROUNDS - 1) await removeDownloads(url);
    }
    const middle = (kind: string): Used => ({
      node: median(samples.get(kind)!.map(({ node }) => node)),
      database: median(samples.get(kind)!.map(({ database }) => database)),
    });
    const costs: Costs = {
      order: {
        ...middle('order'),
        alone: middle('order alone'),
        commits: KNOWN.order.commits,
      },
      download: {
        ...middle('download'),
        alone: middle('download alone'),
        commits: KNOWN.download.commits,
      },
      handshake: { ...part(middle('connecting'), middle('download'), 4), commits: 0 },
      callback: {
        ...part(middle('called'), middle('order'), 2),
        commits: KNOWN.callback.commits,
      },
      page: { ...middle('page'), alone: middle('page alone'), commits: 0 },
      poll: { ...middle('poll'), commits: 0 },
    };
    onProgress('all at once');
    return {
      costs,
      bytes: {
        order: median(bytes.order),
        download: median(bytes.download),
        stored: median(bytes.stored),
      },
      fsyncMs: measureDisk(folder),
      additive: await mix(side, costs, page),
    };
  } finally {
    await removeDownloads(url);
    await admin.end();
    receiver.close();
  }
}

const each = ({ node, database }: Used, count: number): Used => ({
  node: node / count,
  database: database / count,
});

const part = (more: Used, less: Used, parts: number): Used => ({
  node: Math.max(0, (more.node - less.node) / parts),
  database: Math.max(0, (more.database - less.database) / parts),
});

/** Microseconds of CPU. */
async function usedBy({ server, readings }: Side, work: () => Promise<unknown>): Promise<Used> {
  await server.usage();
  const before = readings.at(-1)!;
  await work();
  await server.usage();
  const after = readings.at(-1)!;
  return { node: after.cpu - before.cpu, database: after.database! - before.database! };
}

/** Orders, downloads and pages at the same time. @returns what their costs say, by what was used */
async function mix(
  side: Side,
  costs: Costs,
  page: (n: number) => string,
): Promise<{ node: number; database: number }> {
  const { server, url } = side;
  const tickets = await addDownloads(server, url, LARGE, 4 * A_TURN);
  await addStock(url, 4_000);
  const port = Number(new URL(server.url).port);
  const order = request('/v1/ESimProfiles', ORDERING, { form: 'GenerateMatchingId=true' });
  const done = { order: 0, download: 0, page: 0 };
  const used = await usedBy(side, async () => {
    const end = performance.now() + MIXED_MS;
    const isOn = () => performance.now() < end;
    const asking = async (kind: 'order' | 'page', text: () => string) => {
      const connection = await Connection.open(port);
      for (; isOn() && done.order < 4_000; done[kind]++) await connection.send(text());
      connection.close();
    };
    const device = async () => {
      const connection = await server.connectEs9();
      for (; isOn() && tickets.length > 0; done.download++) {
        await download(tickets.pop()!, (text) => connection.send(text));
      }
      connection.close();
    };
    await Promise.all([
      ...Array.from({ length: MIXED.order }, () => asking('order', () => order)),
      ...Array.from({ length: MIXED.page }, () => asking('page', () => page(done.page))),
      ...Array.from({ length: MIXED.download }, device),
    ]);
    await settled(server);
  });
  const said = (read: (cost: Used) => number) =>
    (Object.keys(done) as (keyof typeof done)[]).reduce(
      (sum, kind) => sum + done[kind] * read(costWith(costs[kind], MIXED[kind])),
      0,
    );
  return {
    node: said(({ node }) => node) / used.node,
    database: said(({ database }) => database) / used.database,
  };
}

async function settled(server: Server): Promise<void> {
  const anyWith = async (status: string) => {
    const text = request(`/v1/ESimProfiles?Status=${status}&PageSize=1`, ORDERING);
    return (await server.pool.one(text)).body.includes('"sid"');
  };
  while ((await anyWith('new')) || (await anyWith('reserving'))) await sleep(5);
}

/** Milliseconds until a page is on disk, as PostgreSQL waits for it. */
function measureDisk(folder: string): number {
  const file = join(folder, 'written');
  const descriptor = openSync(file, 'w');
  const times = Array.from({ length: WRITES }, () => {
    const begun = performance.now();
    writeSync(descriptor, PAGE);
    fdatasyncSync(descriptor);
    return performance.now() - begun;
  });
  closeSync(descriptor);
  rmSync(file);
  return median(times);
}

async function startReceiver() {
  const receiver = { url: '', received: 0, close: () => void server.close() };
  const server = createServer((call, response) => {
    receiver.received++;
    call.resume();
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return receiver;
}
