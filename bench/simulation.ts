// Simulates nodes, a database and its disk under a load: where work waits first, and for how long.

/** CPU time of the server and of the database, in microseconds. */
export interface Used {
  node: number;
  database: number;
}

/** What one of a kind costs a process that does `COMPANY` of them at once. */
export interface WorkCost extends Used {
  /** And one that does no other meanwhile: nothing shares its statements, transactions and turns of the loop. By default the same. */
  alone?: Used;
  /** Transactions one after the other, each of which waits for the disk; 0: it only reads. */
  commits: number;
}

/** As many are done at once when costs are measured; more share no more. */
export const COMPANY = 16;

/** @param many of the kind, that the process does at once */
export function costWith({ node, database, alone }: WorkCost, many: number): Used {
  const at = (together: number, single: number) => {
    const shared = ((single - together) * COMPANY) / (COMPANY - 1);
    return single - shared + shared / Math.min(many, COMPANY);
  };
  if (alone === undefined) return { node, database };
  return { node: at(node, alone.node), database: at(database, alone.database) };
}

export interface Load extends WorkCost {
  name: string;
  perSecond: number;
}

export interface Machines {
  /** Processes that serve, each on a core. */
  nodeCores: number;
  databaseCores: number;
  /** To the database, of each process. */
  connections: number;
  /** Until a write is on disk, in milliseconds. */
  fsyncMs: number;
}

export interface Simulated {
  works: { name: string; perSecond: number; done: number; middleMs: number; highMs: number }[];
  /** Shares of the time in which they are busy. */
  busy: { nodes: number; database: number; connections: number; disk: number };
  /** Transactions that share a write, on average. */
  group: number;
}

/** A queue in front of so many alike; each takes the next as soon as it is free. */
class Servers {
  readonly count: number;
  readonly #queue: (() => void)[] = [];
  #taken = 0;
  #since = 0;
  /** Seconds of all of them. */
  busy = 0;

  constructor(count: number) {
    this.count = count;
  }

  get isFull(): boolean {
    return this.#taken === this.count;
  }

  take(now: number, go: () => void): void {
    if (this.isFull) return void this.#queue.push(go);
    this.#note(now);
    this.#taken++;
    return go();
  }

  free(now: number): void {
    const next = this.#queue.shift();
    if (next !== undefined) return next();
    this.#note(now);
    this.#taken--;
    return undefined;
  }

  #note(now: number): void {
    this.busy += this.#taken * (now - this.#since);
    this.#since = now;
  }

  share(now: number): number {
    this.#note(now);
    return this.busy / (this.count * now);
  }
}

interface Event {
  at: number;
  go: () => void;
}

/** Events in the order of their times: a binary heap. */
class Agenda {
  readonly #events: Event[] = [];

  add(at: number, go: () => void): void {
    const events = this.#events;
    let index = events.push({ at, go }) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (events[parent]!.at <= at) break;
      [events[index], events[parent]] = [events[parent]!, events[index]!];
      index = parent;
    }
  }

  next(): Event | undefined {
    const events = this.#events;
    const first = events[0];
    const last = events.pop();
    if (first === undefined || first === last) return first;
    events[0] = last!;
    for (let index = 0; ;) {
      const [left, right] = [2 * index + 1, 2 * index + 2];
      let least = index;
      if (left < events.length && events[left]!.at < events[least]!.at) least = left;
      if (right < events.length && events[right]!.at < events[least]!.at) least = right;
      if (least === index) return first;
      [events[index], events[least]] = [events[least]!, events[index]!];
      index = least;
    }
  }
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What waits for a connection of a process. */
interface Waiting {
  cost: number;
  isWrite: boolean;
  done: () => void;
}

/** How many of them share one, as in `share` of store/store.ts. */
const SHARED = 16;

/**
 * Works arrive by chance (Poisson), each at one of the processes, and do for each transaction: a part of their node's time, then
 * on a connection, with others that wait for one, their part of the database's, and then wait for the disk, which takes all
 * transactions that are waiting at once.
 * Times are exponential around the costs, which is rather too pessimistic.
 * @param seconds of simulated time
 */
export function simulate(
  loads: readonly Load[],
  { nodeCores, databaseCores, connections, fsyncMs }: Machines,
  { seconds = 20, seed = 1 }: { seconds?: number; seed?: number } = {},
): Simulated {
  const agenda = new Agenda();
  const random = randomOf(seed);
  const chance = (mean: number) => -mean * Math.log(1 - random());
  const nodes = Array.from({ length: nodeCores }, () => ({
    loop: new Servers(1),
    pool: new Servers(connections),
    waiting: [] as Waiting[],
    /** By kind. */
    inProgress: new Map<string, number>(),
  }));
  const database = new Servers(databaseCores);
  const disk = { waiting: [] as (() => void)[], isWriting: false, writes: 0, commits: 0 };
  let now = 0;
  const after = (wait: number, go: () => void) => agenda.add(now + wait, go);

  function work(servers: Servers, microseconds: number, done: () => void): void {
    servers.take(now, () =>
      after(chance(microseconds) / 1e6, () => {
        servers.free(now);
        done();
      }),
    );
  }
  function commit(done: () => void): void {
    disk.commits++;
    disk.waiting.push(done);
    if (!disk.isWriting) write();
  }
  function write(): void {
    const group = disk.waiting;
    disk.waiting = [];
    disk.isWriting = group.length > 0;
    if (!disk.isWriting) return;
    disk.writes++;
    after(fsyncMs / 1e3, () => {
      for (const done of group) done();
      write();
    });
  }

  function connect(at: (typeof nodes)[number]): void {
    const { pool, waiting } = at;
    if (pool.isFull || waiting.length === 0) return;
    pool.take(now, () => {
      const group = waiting.splice(0, SHARED);
      const release = () => {
        pool.free(now);
        for (const { done } of group) done();
        connect(at);
      };
      const cost = group.reduce((sum, one) => sum + one.cost, 0);
      const isWrite = group.some((one) => one.isWrite);
      work(database, cost, () => (isWrite ? commit(release) : release()));
    });
  }

  const took = new Map<string, number[]>(loads.map(({ name }) => [name, []]));
  function begin(load: Load): void {
    const { name, commits } = load;
    const begun = now;
    const at = nodes[Math.floor(random() * nodeCores)]!;
    const count = (by: number) => at.inProgress.set(name, (at.inProgress.get(name) ?? 0) + by);
    count(1);
    const parts = Math.max(1, commits);
    const part = (left: number): void => {
      if (left === 0) {
        count(-1);
        return void took.get(name)!.push(now - begun);
      }
      const { node, database: cost } = costWith(load, at.inProgress.get(name)!);
      return work(at.loop, node / parts, () => {
        if (cost === 0) return part(left - 1);
        const done = () => part(left - 1);
        at.waiting.push({ cost: cost / parts, isWrite: commits > 0, done });
        return connect(at);
      });
    };
    part(parts);
  }
  for (const load of loads) {
    if (load.perSecond === 0) continue;
    const arrive = (): void => {
      begin(load);
      after(chance(1 / load.perSecond), arrive);
    };
    after(chance(1 / load.perSecond), arrive);
  }

  for (
    let event = agenda.next();
    event !== undefined && event.at < seconds;
    event = agenda.next()
  ) {
    now = event.at;
    event.go();
  }
  const shareOf = (servers: Servers[]) =>
    servers.reduce((sum, one) => sum + one.share(seconds), 0) / servers.length;
  return {
    works: loads.map(({ name, perSecond }) => {
      const times = took.get(name)!.toSorted((one, other) => one - other);
      const at = (share: number) => (times[Math.floor(times.length * share)] ?? Infinity) * 1e3;
      return {
        name,
        perSecond,
        done: times.length / seconds,
        middleMs: at(0.5),
        highMs: at(0.99),
      };
    }),
    busy: {
      nodes: shareOf(nodes.map(({ loop }) => loop)),
      database: database.share(seconds),
      connections: shareOf(nodes.map(({ pool }) => pool)),
      disk: Math.min(1, (disk.writes * fsyncMs) / 1e3 / seconds),
    },
    group: disk.writes === 0 ? 0 : disk.commits / disk.writes,
  };
}
