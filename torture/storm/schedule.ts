// What goes wrong in a storm, and when: decided by its seed alone, so that it repeats.
import { Random } from '../random.ts';
import type { Weather } from './link.ts';
import { WEATHERS } from './link.ts';

export type DatabaseKind = 'sqlite' | 'postgres' | 'citus';

/** Between whom: clients, devices and IPAs and a node, a node and its database, the nodes and the receiver of callbacks. */
export type LinkName = 'clients' | 'devices' | 'ipas' | 'database' | 'receiver';

export type Fault =
  /** SIGKILL. It is started again at once, and may be killed again in the middle of that. */
  | { kind: 'kill'; node: number; againAfterMs?: number }
  /** SIGKILL of a worker alone, which its server replaces; left out where there is one process. */
  | { kind: 'kill worker'; node: number; worker: number }
  /** SIGSTOP, then SIGCONT. */
  | { kind: 'pause'; node: number; forMs: number }
  /** The machine's clock is set to this far from the time. */
  | { kind: 'clock'; node: number; aheadMs: number }
  /** What we sync ourselves, and what SQLite reads and writes in its own code. */
  | { kind: 'slow disk'; node: number; forMs: number; eachMs: number }
  | { kind: 'failing sync'; node: number; forMs: number }
  | { kind: 'failing writes'; node: number; forMs: number; code: 'EIO' | 'ENOSPC' }
  | { kind: 'network'; link: LinkName; node: number; weather: Weather; forMs: number }
  /** All of PostgreSQL, or one node of Citus, ends: told to at once, or by SIGKILL of its first process. It is down for a while. */
  | { kind: 'kill database'; how: 'immediate' | 'SIGKILL'; forMs: number };

export type FaultKind = Fault['kind'];

export interface Planned {
  /** After the one before, which may not be over. */
  afterMs: number;
  fault: Fault;
}

const HOUR = 60 * 60 * 1_000;
/** Between two faults; they overlap. */
const PAUSE_MS = [200, 3_000] as const;
const LONGEST_MS = 4_000;
/** How often a kill is followed by another one, at the latest a second later. */
const AGAIN = 0.2;

/** How often each kind comes, relative to the others. */
const WEIGHTS: Record<DatabaseKind, Partial<Record<FaultKind, number>>> = {
  sqlite: {
    kill: 6,
    pause: 2,
    clock: 2,
    'slow disk': 2,
    'failing sync': 3,
    'failing writes': 3,
    network: 5,
  },
  postgres: { kill: 6, pause: 4, clock: 2, network: 8, 'kill database': 3 },
  citus: { kill: 6, pause: 4, clock: 2, network: 8, 'kill database': 6 },
};

/** How often a worker alone is killed, where servers have several. */
const WORKER_KILLS = 6;

/** @param nodes how many servers share the database; each has so many workers */
export function* planFaults(
  seed: number,
  database: DatabaseKind,
  nodes: number,
  workers = 1,
): Generator<Planned, never> {
  const random = new Random(seed);
  const weights = { ...WEIGHTS[database], ...(workers > 1 ? { 'kill worker': WORKER_KILLS } : {}) };
  const kinds = Object.entries(weights).flatMap(([kind, weight]) =>
    Array.from({ length: weight }, () => kind as FaultKind),
  );
  for (;;) {
    const afterMs = random.integer(...PAUSE_MS);
    yield { afterMs, fault: makeFault(random.pick(kinds), random, database, nodes, workers) };
  }
}

function makeFault(
  kind: FaultKind,
  random: Random,
  database: DatabaseKind,
  nodes: number,
  workers: number,
): Fault {
  const node = random.integer(0, nodes - 1);
  const forMs = random.integer(200, LONGEST_MS);
  switch (kind) {
    case 'kill':
      return random.chance(AGAIN)
        ? { kind, node, againAfterMs: Math.round(forMs / 4) }
        : { kind, node };
    case 'kill worker':
      return { kind, node, worker: random.integer(0, workers - 1) };
    case 'pause':
    case 'failing sync':
      return { kind, node, forMs };
    case 'clock':
      return { kind, node, aheadMs: random.integer(-HOUR, HOUR) };
    case 'slow disk':
      return { kind, node, forMs, eachMs: random.integer(5, 200) };
    case 'failing writes':
      return { kind, node, forMs, code: random.pick(['EIO', 'ENOSPC']) };
    case 'kill database':
      return { kind, how: random.pick(['immediate', 'SIGKILL']), forMs };
    case 'network': {
      const links: LinkName[] = ['clients', 'devices', 'ipas', 'receiver'];
      if (database !== 'sqlite') links.push('database', 'database');
      return { kind, link: random.pick(links), node, weather: random.pick(WEATHERS), forMs };
    }
    default:
      return kind satisfies never;
  }
}

/** When a server is killed that was started: after this long in its start, or after this long of serving. */
export interface PlannedKill {
  node: number;
  moment: 'starting' | 'serving';
  afterMs: number;
}

/** For a run by cycles: kills alone, one after the other. */
export function planKills(seed: number, nodes: number, cycles: number): PlannedKill[] {
  const random = new Random(seed);
  return Array.from({ length: cycles }, () => {
    const isStarting = random.chance(0.1);
    return {
      node: random.integer(0, nodes - 1),
      moment: isStarting ? 'starting' : 'serving',
      afterMs: random.integer(0, 1_000),
    };
  });
}
