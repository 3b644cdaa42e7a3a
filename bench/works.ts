// The works that two builds are compared by.
import type { Exchange } from './echo-server.ts';
import { addDownloads, removeDownloads } from './download-stock.ts';
import { LARGE } from './downloads.ts';
import { asks, measure } from './lists.ts';
import { download } from './lpa.ts';
import type { Cost, Side } from './side.ts';
import { costOfTurn } from './side.ts';

const DOWNLOADS_A_TURN = 160;
/** The compiler costs much until about this many. */
const WARM_DOWNLOADS = 2_000;
const ORDERS_A_TURN = 300;
const PAGES_MS = 1_000;

export const ORDER = 'order to `available`';
export const KEPT_DOWNLOAD = download30('kept');

export type WorkName = 'kept' | 'new' | 'order' | 'page of one';

export interface Work {
  name: WorkName;
  /** In words. */
  work: string;
  /** Part of the benchmark, as `--only` has it. */
  row: string;
  turn(side: Side): Promise<Cost>;
  /** Turns that are not counted. */
  warmUp: number;
}

/** By round. */
export type Costs = [other: Cost[], own: Cost[]];

/** Does a work on both sides in turns. */
export async function inTurns(
  work: Pick<Work, 'work' | 'turn' | 'warmUp'>,
  sides: readonly Side[],
  rounds: number,
  onProgress: (text: string) => void,
): Promise<Costs> {
  const costs: Costs = [[], []];
  for (let round = -work.warmUp; round < rounds; round++) {
    onProgress(round < 0 ? `${work.work}: warming up` : `${work.work}: ${round + 1} of ${rounds}`);
    const turns = Array.from(sides.entries());
    // Neither side always has the quieter moment.
    for (const [index, side] of round % 2 === 0 ? turns : turns.toReversed()) {
      const cost = await work.turn(side);
      if (round >= 0) costs[index]!.push(cost);
    }
  }
  return costs;
}

function download30(connections: string): string {
  return `download, ${LARGE} profile, ${connections} connections, 16 devices`;
}

/** @param profiles in the list */
export function works(profiles: number): Work[] {
  const warmUp = Math.ceil(WARM_DOWNLOADS / DOWNLOADS_A_TURN);
  const randomPage = asks(profiles)['random page of one']!;
  const pages = async (side: Side) => {
    const probe = { name: '', server: side.server, text: randomPage, status: 200 };
    const samples = await measure([probe], 1, PAGES_MS, () => {});
    return { server: samples.get('')![0]!.cpu, database: undefined, log: undefined };
  };
  return [
    {
      name: 'kept',
      work: KEPT_DOWNLOAD,
      row: 'downloads',
      turn: (side) => downloads(side, false),
      warmUp,
    },
    {
      name: 'new',
      work: download30('new'),
      row: 'downloads',
      turn: (side) => downloads(side, true),
      warmUp: 2,
    },
    { name: 'order', work: ORDER, row: 'orders', turn: orders, warmUp: 2 },
    { name: 'page of one', work: 'random page of one', row: 'pages', turn: pages, warmUp: 1 },
  ];
}

export async function orders(side: Side): Promise<Cost> {
  const { build, kind, server, url } = side;
  const { cpu } = await build.orders.measureOrders(kind, server, url, 1, ORDERS_A_TURN);
  // Orders to find latencies by come after the turn.
  return { ...costOfTurn(side, ORDERS_A_TURN), server: cpu[0]! };
}

export async function downloads(side: Side, newConnections: boolean): Promise<Cost> {
  const { build, server, url } = side;
  const { WAYS, measureDownloads } = build.downloads;
  const way = WAYS.find(
    (one) => one.profileType === LARGE && one.newConnections === newConnections && one.devices > 1,
  );
  // Older builds measure all the ways of this list.
  const all = WAYS.splice(0, WAYS.length, { ...way!, count: DOWNLOADS_A_TURN });
  try {
    await measureDownloads(server, url, 1, 1, () => {});
    return costOfTurn(side, DOWNLOADS_A_TURN);
  } finally {
    WAYS.splice(0, 1, ...all);
  }
}

/** The four calls of one download from this build. */
export async function recordDownload({ server, url }: Side): Promise<Exchange[]> {
  const exchanges: Exchange[] = [];
  const connection = await server.connectEs9();
  try {
    const [ticket] = await addDownloads(server, url, LARGE, 1);
    await download(ticket!, async (request) => {
      const answer = await connection.send(request);
      exchanges.push({ request, answer: answer.body });
      return answer;
    });
    return exchanges;
  } finally {
    connection.close();
    await removeDownloads(url);
  }
}
