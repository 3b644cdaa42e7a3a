// Exports of the whole list: how fast, in how much memory, and how long a list page waits beside them.
import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Server } from './child.ts';
import { Connection } from './http.ts';
import { asks } from './lists.ts';
import { ACCOUNT } from './profiles.ts';
import { median, table } from './report.ts';

const MIB = 1024 * 1024;
/** How often the server's memory is read. */
const LOOK_MS = 250;
/** Page requests without an export, and between two of them at any time. */
const ALONE = 1_000;
const PAUSE_MS = 2;
/** As many as one account may have. */
const AT_ONCE = 4;

const WAYS: [name: string, query: string, count: number][] = [
  ['CSV', 'Format=csv', 1],
  ['CSV, two columns', 'Format=csv&Columns=iccid,activation_code', 1],
  ['JSON Lines', 'Format=jsonl', 1],
  [`JSON Lines, ${AT_ONCE} at once`, 'Format=jsonl', AT_ONCE],
];

/** @returns the figures as a Markdown table */
export async function measureExports(
  server: Server,
  profiles: number,
  onWay: (name: string) => void,
): Promise<string> {
  const page = asks(profiles)['random page']!;
  await pagesUntil(server, page, (count) => count >= ALONE);
  const rows: string[][] = [];
  const alone = await pagesUntil(server, page, (count) => count >= ALONE);
  rows.push(['no export', '', '', '', ...waits(alone)]);
  for (const [name, query, count] of WAYS) {
    onWay(name);
    const memory: number[] = [(await server.usage()).rss];
    const done = new AbortController();
    const watching = (async () => {
      for (; !done.signal.aborted; await sleep(LOOK_MS)) memory.push((await server.usage()).rss);
    })();
    const began = performance.now();
    const exporting = Promise.all(Array.from({ length: count }, () => download(server, query)));
    const beside = pagesUntil(server, page, () => done.signal.aborted);
    const bytes = (await exporting).reduce((sum, one) => sum + one, 0);
    const seconds = (performance.now() - began) / 1000;
    done.abort();
    await watching;
    rows.push([
      name,
      Math.round((profiles * count) / seconds).toLocaleString('en'),
      (bytes / MIB / seconds).toFixed(0),
      `${(memory[0]! / MIB).toFixed(0)} → ${(Math.max(...memory) / MIB).toFixed(0)}`,
      ...waits(await beside),
    ]);
  }
  return table(
    [
      'export',
      'profiles/s',
      'MiB/s',
      'RSS before → most, MiB',
      'page beside it, median ms',
      '99 %, ms',
      'slowest, ms',
    ],
    rows,
  );
}

/** Reads a whole export. @returns its size */
function download(server: Server, query: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const auth = `${ACCOUNT.sid}:${ACCOUNT.authToken}`;
  get(`${server.url}/v1/ESimProfiles/Export?${query}`, { auth }, (response) => {
    let bytes = 0;
    response
      .on('data', (chunk: Buffer) => (bytes += chunk.length))
      .once('end', () => resolve(bytes))
      .once('error', reject);
  }).once('error', reject);
  return promise;
}

/** Requests pages one after the other. @returns how long each took, in milliseconds */
async function pagesUntil(
  server: Server,
  page: (n: number) => string,
  isEnough: (count: number) => boolean,
): Promise<number[]> {
  const connection = await Connection.open(Number(new URL(server.url).port));
  const taken: number[] = [];
  while (!isEnough(taken.length)) {
    const began = performance.now();
    await connection.send(page(taken.length));
    taken.push(performance.now() - began);
    await sleep(PAUSE_MS);
  }
  connection.close();
  return taken;
}

function waits(taken: number[]): string[] {
  const sorted = taken.toSorted((one, other) => one - other);
  const most = sorted[Math.floor(sorted.length * 0.99)]!;
  return [median(taken), most, sorted.at(-1)!].map((ms) => ms.toFixed(1));
}
