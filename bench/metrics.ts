// What a scrape costs, against a list page of the same server.
import type { Server } from './child.ts';
import { Connection } from './http.ts';
import { asks } from './lists.ts';
import { median, table } from './report.ts';

const ROUNDS = 5;
const TIMES = 100;
/** Before measuring: so that there is something to say. */
const WARM = 500;

/** @returns the figures as a Markdown table; undefined: the server does not serve them */
export async function measureMetrics(server: Server, profiles: number): Promise<string> {
  if (server.metricsUrl === undefined) return 'Metrics are not served: their port is taken.';
  const page = asks(profiles)['random page']!;
  const scrape = async () => (await fetch(server.metricsUrl!)).text();
  const connection = await Connection.open(Number(new URL(server.url).port));
  const askPage = (at: number) => connection.send(page(at));
  for (let at = 0; at < WARM; at++) await askPage(at);
  const bytes = (await scrape()).length;
  const cost = async (ask: (at: number) => Promise<unknown>) => {
    const { cpuMicroseconds: before } = await server.usage();
    const began = performance.now();
    for (let at = 0; at < TIMES; at++) await ask(at);
    const ms = (performance.now() - began) / TIMES;
    return { ms, cpu: ((await server.usage()).cpuMicroseconds - before) / TIMES };
  };
  const taken = {
    page: [] as { ms: number; cpu: number }[],
    scrape: [] as { ms: number; cpu: number }[],
  };
  for (let round = 0; round < ROUNDS; round++) {
    taken.page.push(await cost(askPage));
    taken.scrape.push(await cost(scrape));
  }
  const ratio = median(taken.scrape.map(({ cpu }, round) => cpu / taken.page[round]!.cpu));
  const share = (median(taken.scrape.map(({ cpu }) => cpu)) / 15_000_000) * 100;
  return `${table(
    ['metrics', 'ms', 'CPU µs', 'CPU of a page'],
    [
      row('random page of 50', taken.page, '1'),
      row(`scrape, ${Math.round(bytes / 1024)} KiB`, taken.scrape, ratio.toFixed(1)),
    ],
  )}\n\nEvery 15 seconds, scrapes take ${share.toFixed(3)} % of a core.`;
}

function row(name: string, of: { ms: number; cpu: number }[], ofPage: string): string[] {
  return [
    name,
    median(of.map(({ ms }) => ms)).toFixed(1),
    Math.round(median(of.map(({ cpu }) => cpu))).toLocaleString('en'),
    ofPage,
  ];
}
