// More than a server can do: what it still does at twice its capacity, in turns with what it does at capacity.
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { startTcpProxy } from '../test/tcp-proxy.ts';
import { startChild } from './child.ts';
import type { Server } from './child.ts';
import type { Kind } from './databases.ts';
import { databaseOf } from './databases.ts';
import { addDownloads, removeDownloads } from './download-stock.ts';
import { LARGE } from './downloads.ts';
import { Connection, request } from './http.ts';
import type { Response } from './http.ts';
import type { DownloadTicket } from './lpa.ts';
import { BUSY, download, isRefusedAsBusy } from './lpa.ts';
import { addStock } from './orders.ts';
import { watchDatabase } from './proc.ts';
import { ORDERING } from './profiles.ts';
import type { Figure } from './report.ts';
import { median, table } from './report.ts';

/** Of the capacity, which is what this many clients get who wait for each answer. */
const OFFERED = [1, 2] as const;
const AT_CAPACITY = 64;
/** As many as an impatient client waits for. */
const PATIENCE_MS = 10_000;
const MOST_CLIENTS = 4_000;
const LEAST = 0.9;
const TICK_MS = 5;
const PROBE_MS = 100;
const DELAY_MS = 10;
/** Another process that writes for half of the time. */
const HOLD_MS = 20;
const WARM_TURNS = 3;

const ORDER = request('/v1/ESimProfiles', ORDERING, { form: 'GenerateMatchingId=true' });
const HEALTH = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n';

type Outcome = 'done' | 'refused' | 'broken' | 'gave up';

/** What a client sends on: one connection for all, or another for each request. */
type Line = Pick<Connection, 'send' | 'close'>;

/** What one client does on its line. */
interface Work {
  name: string;
  connect(): Promise<Line>;
  /** Makes ready for up to so many. */
  prepare(count: number): Promise<void>;
  /** @param send rejects when the client's patience ends */
  attempt(send: (text: string) => Promise<Response>): Promise<Outcome>;
  /** Resolves when what was accepted is done. */
  settle(): Promise<void>;
  clear(): Promise<void>;
}

interface Turn {
  offered: number;
  /** Per second, until all that was accepted is done. */
  done: number;
  outcomes: Record<Outcome, number>;
  /** Milliseconds, of what was done. */
  middle: number;
  high: number;
  /** Slowest answer of /healthz, in milliseconds. */
  health: number;
  rss: number;
  /** CPU time of the server and its database per work done, in microseconds. */
  cpu: number;
}

interface Options {
  kind: Kind;
  url: string;
  folder: string;
  rounds: number;
  seconds: number;
  onProgress: (text: string) => void;
}

/** @returns figures, and in Markdown what they are made of */
export async function measureOverload(
  options: Options,
): Promise<{ figures: Figure[]; details: string }> {
  const figures: Figure[] = [];
  const rows: string[][] = [];
  for (const isSlow of [false, true]) {
    await using slowed = isSlow ? await slowDown(options) : undefined;
    await using server = await startChild(slowed?.url ?? options.url, options.folder);
    const works = [orders, downloads, downloadsAnew].map((work) => work(server, options));
    for (const work of works) {
      const name = isSlow ? `${work.name}, slow database` : work.name;
      const turns = await measureWork(work, server, options, name);
      const [one, two] = OFFERED.map((times) => turns.filter((_turn, at) => at % 2 === times - 1));
      figures.push({
        work: `${name}, twice the capacity`,
        against: 'done per second at capacity',
        reach: `≥ ${LEAST}`,
        values: two!.map(({ done }, round) => done / one![round]!.done),
        cpu: two!.map(({ cpu }, round) => one![round]!.cpu / cpu),
        reached: (ratio) => ratio >= LEAST,
      });
      for (const [index, some] of [one!, two!].entries()) {
        rows.push([`${name}, ${OFFERED[index]} ×`, ...rowOf(some)]);
      }
    }
  }
  const head = ['work', 'offered/s', 'done/s', 'refused', 'broken', 'gave up', 'median ms'];
  head.push('99 % ms', '/healthz, slowest ms', 'MiB', 'CPU µs each');
  return { figures, details: table(head, rows) };
}

function rowOf(turns: Turn[]): string[] {
  const all = turns.reduce((sum, { outcomes }) => sum + total(outcomes), 0);
  const share = (outcome: Outcome) => {
    const part = turns.reduce((sum, { outcomes }) => sum + outcomes[outcome], 0);
    return `${((100 * part) / all).toFixed(1)} %`;
  };
  const middle = (read: (turn: Turn) => number) => median(turns.map(read)).toFixed(0);
  return [
    middle(({ offered }) => offered),
    middle(({ done }) => done),
    share('refused'),
    share('broken'),
    share('gave up'),
    middle((turn) => turn.middle),
    middle(({ high }) => high),
    Math.max(...turns.map(({ health }) => health)).toFixed(0),
    (Math.max(...turns.map(({ rss }) => rss)) / 2 ** 20).toFixed(0),
    middle(({ cpu }) => cpu),
  ];
}

const total = (outcomes: Record<Outcome, number>) =>
  Object.values(outcomes).reduce((sum, count) => sum + count, 0);

/** @returns turns at capacity and at twice the capacity, alternately */
async function measureWork(
  work: Work,
  server: Server,
  { kind, rounds, seconds, url, onProgress }: Options,
  name: string,
): Promise<Turn[]> {
  const postgres = kind === 'postgres' ? await watchDatabase(kind, url) : undefined;
  const turns: Turn[] = [];
  let capacity = 0;
  for (let round = -WARM_TURNS; round < 0; round++) {
    onProgress(`${name}: warming up`);
    capacity = await measureCapacity(work, seconds, capacity);
  }
  for (let round = 0; round < rounds; round++) {
    for (const times of OFFERED) {
      onProgress(`${name}: ${round + 1} of ${rounds}, ${times} × ${capacity.toFixed(0)}/s`);
      await work.prepare(Math.ceil(2 * capacity * seconds));
      const before = await server.usage();
      const start = postgres?.() ?? 0;
      const turn = await offer(work, capacity * times, seconds, server);
      const after = await server.usage();
      const spent = after.cpuMicroseconds - before.cpuMicroseconds + (postgres?.() ?? 0) - start;
      turns.push({ ...turn, cpu: spent / turn.outcomes.done });
      await work.clear();
    }
  }
  return turns;
}

/** Per second, of clients who wait. */
async function measureCapacity(work: Work, seconds: number, before: number): Promise<number> {
  await work.prepare(before === 0 ? 500 : Math.ceil(2 * before * seconds));
  const started = performance.now();
  let done = 0;
  const client = async () => {
    const connection = await work.connect();
    while (performance.now() - started < seconds * 1_000) {
      const outcome = await work.attempt((text) => connection.send(text)).catch(() => undefined);
      if (outcome === undefined) break;
      if (outcome === 'done') done++;
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: AT_CAPACITY }, client));
  await work.settle();
  const elapsed = performance.now() - started;
  await work.clear();
  return (done / elapsed) * 1_000;
}

/** Begins so many a second, however long they take. */
async function offer(
  work: Work,
  perSecond: number,
  seconds: number,
  server: Server,
): Promise<Omit<Turn, 'cpu'>> {
  const idle: Line[] = [];
  const outcomes = { done: 0, refused: 0, broken: 0, 'gave up': 0 };
  const took: number[] = [];
  let clients = 0;

  async function arrive(): Promise<void> {
    const begun = performance.now();
    const { promise, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(new Error('out of patience')), PATIENCE_MS);
    let connection = idle.pop();
    try {
      connection ??= await within(work.connect(), promise);
      const used = connection;
      const send = (text: string) => Promise.race([used.send(text), promise]);
      const outcome = await work.attempt(send);
      outcomes[outcome]++;
      if (outcome === 'done') took.push(performance.now() - begun);
      idle.push(used);
    } catch {
      // Out of patience, or the server has closed the connection.
      outcomes['gave up']++;
      connection?.close();
    } finally {
      clearTimeout(timer);
      clients--;
    }
  }

  const health = probeHealth(server);
  const started = performance.now();
  const arrivals: Promise<void>[] = [];
  let rss = 0;
  for (let begun = 0; ;) {
    const elapsed = performance.now() - started;
    if (elapsed > seconds * 1_000) break;
    for (; begun < (perSecond * elapsed) / 1_000; begun++) {
      if (clients === MOST_CLIENTS) {
        outcomes['gave up']++;
        continue;
      }
      clients++;
      arrivals.push(arrive());
    }
    await sleep(TICK_MS);
  }
  ({ rss } = await server.usage());
  await Promise.all(arrivals);
  await work.settle();
  const elapsed = performance.now() - started;
  took.sort((left, right) => left - right);
  for (const connection of idle) connection.close();
  return {
    offered: perSecond,
    done: (outcomes.done / elapsed) * 1_000,
    outcomes,
    middle: took[took.length >> 1] ?? Number.NaN,
    high: took[Math.floor(took.length * 0.99)] ?? Number.NaN,
    health: await health.slowest(),
    rss,
  };
}

/** @returns a connection that is closed if it comes too late */
function within(opening: Promise<Line>, late: Promise<never>): Promise<Line> {
  const opened = Promise.race([opening, late]);
  opened.catch(() => opening.then((connection) => connection.close()).catch(() => {}));
  return opened;
}

function probeHealth({ url }: Server): { slowest(): Promise<number> } {
  const over = new AbortController();
  let slowest = 0;
  async function run(): Promise<void> {
    let connection: Connection | undefined;
    while (!over.signal.aborted) {
      const begun = performance.now();
      try {
        connection ??= await Connection.open(Number(new URL(url).port));
        await connection.send(HEALTH);
      } catch {
        // Closed by the server: the time until it answers again counts.
        connection = undefined;
      }
      slowest = Math.max(slowest, performance.now() - begun);
      await sleep(PROBE_MS);
    }
    connection?.close();
  }
  const running = run();
  return {
    async slowest() {
      over.abort();
      await running;
      return slowest;
    },
  };
}

function orders(server: Server, { url }: Options): Work {
  const { port } = new URL(server.url);
  async function anyWith(status: string): Promise<boolean> {
    const text = request(`/v1/ESimProfiles?Status=${status}&PageSize=1`, ORDERING);
    return (await server.pool.one(text)).body.includes('"sid"');
  }
  return {
    name: 'order',
    connect: () => Connection.open(Number(port)),
    prepare: (count) => addStock(url, count),
    async attempt(send) {
      const { status } = await send(ORDER);
      // 429: more than one account may have at once.
      return status === 201 ? 'done' : [429, 503].includes(status) ? 'refused' : 'broken';
    },
    async settle() {
      while ((await anyWith('new')) || (await anyWith('reserving'))) await sleep(TICK_MS);
    },
    clear: () => removeDownloads(url),
  };
}

function downloads(server: Server, { url }: Options): Work {
  let tickets: DownloadTicket[] = [];
  return {
    name: 'download',
    connect: () => server.connectEs9(),
    async prepare(count) {
      tickets = await addDownloads(server, url, LARGE, count);
    },
    async attempt(send) {
      const ticket = tickets.pop();
      if (ticket === undefined) throw new Error('nothing is left to download');
      try {
        await download(ticket, send);
        return 'done';
      } catch (error) {
        if (isRefusedAsBusy(error)) {
          tickets.push(ticket);
          return 'refused';
        }
        if ((error as Error).message.includes(BUSY)) return 'broken';
        throw error;
      }
    },
    settle: async () => {},
    clear: () => removeDownloads(url),
  };
}

/** The same, with a TLS connection for each of the four calls. */
function downloadsAnew(server: Server, options: Options): Work {
  return {
    ...downloads(server, options),
    name: 'download, new connections',
    connect: async () => connectionForEach(() => server.connectEs9()),
  };
}

function connectionForEach(open: () => Promise<Connection>): Line {
  const current = new Set<Promise<Connection>>();
  const end = (opening: Promise<Connection>): void => {
    current.delete(opening);
    opening.then(
      (connection) => connection.close(),
      () => {},
    );
  };
  return {
    async send(text) {
      const opening = open();
      current.add(opening);
      try {
        return await (await opening).send(text);
      } finally {
        end(opening);
      }
    },
    close() {
      for (const opening of current) end(opening);
    },
  };
}

/** @returns the database as one that is slow: PostgreSQL far away, SQLite beside another process that writes */
async function slowDown({ kind, url }: Options): Promise<{ url: string } & AsyncDisposable> {
  if (kind === 'postgres') {
    const proxy = await startTcpProxy(url, DELAY_MS);
    return { url: proxy.url, [Symbol.asyncDispose]: async () => proxy.cut() };
  }
  const database = databaseOf(url);
  if (database.kind !== 'sqlite') throw new Error(`${url} is not SQLite`);
  const holding = new Worker(new URL('hold-sqlite.ts', import.meta.url), {
    workerData: { file: database.file, holdMs: HOLD_MS },
  });
  await once(holding, 'online');
  return { url, [Symbol.asyncDispose]: async () => void (await holding.terminate()) };
}
