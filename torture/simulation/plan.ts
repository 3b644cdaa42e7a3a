// What a seed makes of a run, before anything happens: who comes when, and when there is trouble.
import type { Journey } from '../journey.ts';
import type { Random } from '../random.ts';
import type { FirstDatabase } from './templates.ts';

const SECOND = 1_000;
const MOST_JOURNEYS = 8;
/** The database of the older version has little stock. */
const MOST_ON_OLD = 2;
const MOST_TROUBLES = 12;
/** While clients are at work, which is seldom longer where nothing fails. */
const AT_WORK_MS = 2 * SECOND;

/** Times in milliseconds since the beginning of the run. */
export interface Plan {
  database: FirstDatabase;
  journeys: { journey: Journey; at: number }[];
  troubles: number[];
  /** From then on there is no trouble. */
  quietAt: number;
}

/** @param all the journeys among which it chooses */
export function planOf(random: Random, all: readonly Journey[]): Plan {
  const { database, journeys } = choose(random, all);
  const quietAt = random.integer(SECOND, random.pick([3, 10, 30]) * SECOND);
  const comings = journeys.map((journey) => ({ journey, at: random.integer(0, quietAt >> 1) }));
  const troubles = Array.from({ length: random.integer(0, MOST_TROUBLES) }, () => {
    const { at } = random.pick(comings);
    return random.chance(0.7) ? at + random.integer(0, AT_WORK_MS) : random.integer(0, quietAt);
  });
  return { database, journeys: comings, troubles, quietAt };
}

function choose(
  random: Random,
  all: readonly Journey[],
): { database: FirstDatabase; journeys: Journey[] } {
  const first = random.pick(all);
  const database =
    first.database ?? random.pick(['old', 'new', ...Array<'used'>(12).fill('used')] as const);
  if (first.passesTime === true) return { database, journeys: [first] };
  const beside = all.filter(
    (journey) =>
      journey.passesTime === undefined && (database === 'old' || journey.database !== 'old'),
  );
  const count = random.integer(0, (database === 'old' ? MOST_ON_OLD : MOST_JOURNEYS) - 1);
  return {
    database,
    journeys: [first, ...Array.from({ length: count }, () => random.pick(beside))],
  };
}

export function describe({ database, journeys }: Plan): string {
  return `${database} database: ${journeys.map(({ journey }) => journey.name).join(', ')}`;
}
