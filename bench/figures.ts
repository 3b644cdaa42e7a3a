// The figures of the console's dashboard and of the stock: what they cost must not depend on how many profiles there are.
import { setTimeout as sleep } from 'node:timers/promises';
import { startChild } from './child.ts';
import { request } from './http.ts';
import { ACCOUNT } from './profiles.ts';
import type { Cost, Side } from './side.ts';
import { costOfTurn } from './side.ts';
import type { Work } from './works.ts';

const STATISTICS = '/v1/Statistics';
/** So few that no answer is asked for often enough to come from the cache. */
const ANSWERS_A_TURN = 25;
const DIFFERENT = 100;

/** After `whenCounted`. */
export function figureWorks(): Pick<Work, 'work' | 'turn' | 'warmUp'>[] {
  const days = (first: number) => (n: number) =>
    request(`${STATISTICS}?Intervals=${first + (n % DIFFERENT)}`, ACCOUNT);
  return [
    figureWork('dashboard of 30 days and more', days(30)),
    figureWork('dashboard of 12 months', days(366 - DIFFERENT + 1)),
    figureWork('stock', () => request('/v1/Stock', ACCOUNT)),
  ];
}

function figureWork(work: string, ask: (n: number) => string) {
  const asked = new Map<Side, number>();
  return {
    work,
    warmUp: 1,
    async turn(side: Side): Promise<Cost> {
      const { server } = side;
      const first = asked.get(side) ?? 0;
      const last = first + ANSWERS_A_TURN;
      asked.set(side, last);
      let next = first;
      await server.usage();
      await server.pool.drive(() => (next < last ? ask(next++) : undefined), 200);
      await server.usage();
      return costOfTurn(side, ANSWERS_A_TURN);
    },
  };
}

/** Serves a database that was just filled until its events are counted. @param folder data folder of a server */
export async function whenCounted(databaseUrl: string, folder: string): Promise<void> {
  await using server = await startChild(databaseUrl, folder);
  for (;;) {
    const { body } = await server.pool.one(request(`${STATISTICS}?Intervals=1`, ACCOUNT));
    const { date_counted: counted } = JSON.parse(body.toString()) as { date_counted: unknown };
    if (counted === null) return;
    await sleep(1_000);
  }
}
