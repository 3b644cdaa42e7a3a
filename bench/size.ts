// What a long list costs against a short one: pages, orders, downloads and the start of a server.
import { startChild } from './child.ts';
import type { Server } from './child.ts';
import type { Kind } from './databases.ts';
import { asks, turns } from './lists.ts';
import { thisBuild } from './other-build.ts';
import { watchDatabase } from './proc.ts';
import { figureWorks, whenCounted } from './figures.ts';
import type { Detail, Figure } from './report.ts';
import { costOfTurn, sideOf } from './side.ts';
import type { Cost, Side } from './side.ts';
import { downloads, inTurns, KEPT_DOWNLOAD, ORDER, orders } from './works.ts';
import type { Costs, Work } from './works.ts';

/** In so short a list a filter finds as many records for its first page as in a long one. */
const PAGE_SIZE = 10;
const MOST = 1.3;
const WHOLE_PAGES = ['random page', 'polled page', 'page 1'];
/** What a page is compared with for which the short list has too few records: one with as many. */
const IN_SHORT: Record<string, string> = {
  'page 10,000': 'page 1',
  'dates, page 10,000 of them': 'dates',
  'two statuses, page 10,000 of the list': 'two statuses',
  'Eid of many, Status=failed': 'Eid of many',
};

interface Options {
  kind: Kind;
  /** Data folder of the servers. */
  folder: string;
  rounds: number;
  turnMs: number;
  onProgress: (text: string) => void;
}

/** A database and how many profiles its list has. */
export interface Filled {
  url: string;
  profiles: number;
}

export async function measureSize(
  few: Filled,
  many: Filled,
  options: Options,
): Promise<{ figures: Figure[]; details: Detail[] }> {
  const { kind, folder, rounds, onProgress } = options;
  const figures: Figure[] = [];
  const details: Detail[] = [];
  const take = (work: string, [short, long]: Costs): void => {
    figures.push({
      work: `${work}, ${many.profiles.toLocaleString('en')} profiles`,
      against: `CPU with ${few.profiles.toLocaleString('en')}`,
      reach: `≤ ${MOST}`,
      values: long.map((cost, round) => all(cost) / all(short[round]!)),
      cpu: long.map((cost, round) => cost.server / short[round]!.server),
      reached: (ratio) => ratio <= MOST,
    });
    for (const [{ profiles }, costs] of [[few, short] as const, [many, long] as const]) {
      const name = `${work}, ${profiles.toLocaleString('en')} profiles`;
      details.push({ work: name, rates: [], cpu: costs.map(all) });
    }
  };
  take('start of a server', await starts(few, many, options));
  for (const { url } of [few, many]) await whenCounted(url, folder);
  await using opened = new AsyncDisposableStack();
  const build = await thisBuild();
  const sides: Side[] = [];
  const profilesOf = new Map<Server, number>();
  for (const { url, profiles } of [few, many]) {
    const side = await sideOf(build, kind, url, opened.use(await startChild(url, folder)));
    profilesOf.set(side.server, profiles);
    sides.push(side);
  }
  const pages = pageWorks(many.profiles, (side) => profilesOf.get(side.server)!, options.turnMs);
  for (const work of [
    ...figureWorks(),
    ...pages,
    { work: ORDER, turn: orders, warmUp: 1 },
    { work: KEPT_DOWNLOAD, turn: (side: Side) => downloads(side, false), warmUp: 2 },
  ]) {
    take(work.work, await inTurns(work, sides, rounds, onProgress));
  }
  return { figures, details };
}

/** CPU time of the server and of its database. */
const all = ({ server, database = 0 }: Cost) => server + database;

function pageWorks(
  profiles: number,
  profilesOf: (side: Side) => number,
  turnMs: number,
): Pick<Work, 'work' | 'turn' | 'warmUp'>[] {
  const turn = turns();
  return Object.keys(asks(profiles)).flatMap((name) => {
    if (name === 'from memory') return [];
    return {
      work: name,
      warmUp: 1,
      async turn(side) {
        const count = profilesOf(side);
        const asked = count === profiles ? name : (IN_SHORT[name] ?? name);
        const text = asks(count, WHOLE_PAGES.includes(name) ? undefined : PAGE_SIZE)[asked]!;
        const { answers } = await turn({ name, server: side.server, text, status: 200 }, turnMs);
        return costOfTurn(side, answers);
      },
    };
  });
}

/** From the start of the process until it serves. */
async function starts(few: Filled, many: Filled, options: Options): Promise<Costs> {
  const { folder, rounds, onProgress } = options;
  const costs: Costs = [[], []];
  const database =
    options.kind === 'sqlite' ? undefined : await watchDatabase(options.kind, many.url);
  for (let round = -1; round < rounds; round++) {
    onProgress(`start: ${Math.max(round + 1, 0)} of ${rounds}`);
    for (const [index, { url }] of [few, many].entries()) {
      const before = database?.();
      await using server = await startChild(url, folder);
      const after = database?.();
      const { cpuMicroseconds } = await server.usage();
      if (round < 0) continue;
      costs[index]!.push({
        server: cpuMicroseconds,
        database: before === undefined ? undefined : after! - before,
        log: undefined,
      });
    }
  }
  return costs;
}
