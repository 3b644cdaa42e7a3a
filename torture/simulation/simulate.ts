// One run: many clients do what they came for while everything goes wrong; then all is quiet, and nothing may be lost.
import { countSyncs } from './machine/install.ts';
import { existsSync } from 'node:fs';
import { inspect } from '../inspect.ts';
import type { Journey } from '../journey.ts';
import { JOURNEYS } from '../journeys/index.ts';
import { Random } from '../random.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { calm, judge, usual } from './conditions.ts';
import type { Conditions } from './conditions.ts';
import { Link } from './link.ts';
import { Machine } from './machine/machine.ts';
import { Trace } from './machine/trace.ts';
import { ordersIn } from './orders.ts';
import { describe, planOf } from './plan.ts';
import type { Plan } from './plan.ts';
import { Receivers } from './receivers.ts';
import { SimulatedServer } from './server.ts';
import type { Product } from './server.ts';
import { worldOf } from './simulated-world.ts';
import { placeDatabase } from './templates.ts';
import { makeTrouble } from './troubles.ts';

/** What the clock of the machine shows when a run begins. */
const BEGINNING = Date.UTC(2026, 11, 1, 12);
const SECOND = 1_000;
/** How long the server is left alone at the end, so that what is in progress is finished. */
const REST_MS = 5 * SECOND;
/** Longer than everything that clients wait for: a run that takes longer goes round in circles. */
const LONGEST_MS = 24 * 60 * 60 * SECOND;
/** Files in memory: nothing that a run proves depends on a real disk. */
const MEMORY = existsSync('/dev/shm') ? '/dev/shm' : undefined;

export interface Run {
  seed: number;
  /** What the seed has made of it. */
  plan: string;
  /** What should never have happened; none: the run has passed. */
  violations: string[];
  trace: Trace;
  /** Simulated milliseconds. */
  elapsed: number;
  /** How often the server has started. */
  starts: number;
  troubles: number;
  journeys: number;
  /** Rows that were examined at the end. */
  examined: number;
}

export interface RunOptions {
  product?: Product;
  /** Among which the seed chooses; by default all. */
  journeys?: readonly Journey[];
  /** Keeps each statement in the trace, too. */
  isDetailed?: boolean;
}

/** The same seed gives the same run. */
export async function simulate(seed: number, options: RunOptions = {}): Promise<Run> {
  using root = temporaryFolder('simulation', MEMORY);
  const simulation = new Simulation(new Random(seed), root.path, options);
  try {
    await simulation.run();
    return { seed, ...simulation.result() };
  } finally {
    simulation.server.close();
  }
}

class Simulation {
  readonly #plan: Plan;
  readonly #random: Random;
  readonly #trace: Trace;
  readonly #machine: Machine;
  readonly #receivers: Receivers;
  readonly #usual: Conditions;
  readonly #conditions: Conditions;
  readonly #told: object[] = [];
  readonly #violations: string[] = [];
  /** Journeys that have not ended. */
  #left: number;
  #isQuiet = false;
  #examined = 0;
  readonly server: SimulatedServer;

  constructor(
    random: Random,
    root: string,
    { product = {}, journeys = JOURNEYS, isDetailed }: RunOptions,
  ) {
    this.#plan = planOf(random.fork(), journeys);
    this.#left = this.#plan.journeys.length;
    this.#random = random;
    this.#usual = usual(random.fork());
    this.#conditions = structuredClone(this.#usual);
    this.#trace = new Trace(isDetailed);
    this.#receivers = new Receivers(this.#conditions, random.fork());
    const chance = random.fork();
    const disk = {
      judge: (...[call, program]: Parameters<Machine['disk']['judge']>) =>
        program === this.server.program ? judge(this.#conditions, call, chance) : {},
      onDeath: (...[program]: Parameters<Machine['disk']['onDeath']>) =>
        this.server.onDeath(program),
      onConnection: (...[connection]: Parameters<Machine['disk']['onConnection']>) =>
        this.server.onConnection(connection),
      onCommitted: (...[program]: Parameters<Machine['disk']['onCommitted']>) =>
        this.server.onCommitted(program),
      onSynced: (...[content]: Parameters<Machine['disk']['onSynced']>) =>
        this.server.onSynced(content),
      onSyncFailed: (...[content]: Parameters<Machine['disk']['onSyncFailed']>) =>
        this.server.onSyncFailed(content),
    };
    this.#machine = new Machine(BEGINNING, this.#trace, disk, this.#receivers);
    this.server = new SimulatedServer(this.#machine, root, random.fork(), product);
  }

  async run(): Promise<void> {
    const syncs = countSyncs();
    await placeDatabase(this.#plan.database, this.server.config.database);
    const before = this.#orders();
    try {
      this.server.start();
      this.#beginJourneys();
      this.#planTroubles();
      await this.#machine.run(() => this.#left === 0 || this.#machine.elapsed > LONGEST_MS);
      if (this.#left > 0) this.#violations.push(`${this.#left} journeys go round in circles`);
      await this.#rest();
    } catch (error) {
      this.#violations.push(inWords(error));
      this.#machine.note('machine', `stops: ${(error as Error).stack}`);
    }
    if (countSyncs() === syncs) {
      this.#violations.push(
        'nothing was synced: the server does not do it, or was loaded before the simulation',
      );
    }
    await this.#inspect();
    if (this.#violations.length === 0) this.#checkOrders(before);
  }

  result(): Omit<Run, 'seed'> {
    const { journeys, troubles } = this.#plan;
    return {
      plan: describe(this.#plan),
      violations: this.#violations,
      trace: this.#trace,
      elapsed: this.#machine.elapsed,
      starts: this.server.starts,
      troubles: troubles.length,
      journeys: journeys.length,
      examined: this.#examined,
    };
  }

  #beginJourneys(): void {
    const link = new Link(this.server, this.#conditions, this.#random.fork());
    const [machine, server, receivers, told, conditions] = [
      this.#machine,
      this.server,
      this.#receivers,
      this.#told,
      this.#conditions,
    ];
    for (const [index, { journey, at }] of this.#plan.journeys.entries()) {
      const client = machine.program(`client ${index + 1}`, this.#random.fork());
      const random = this.#random.fork();
      client.after(at, () => {
        machine.note(client.name, `begins: ${journey.name}`);
        journey
          .run(worldOf({ client, server, link, receivers, told, conditions, random }))
          .then(
            () => machine.note(client.name, `is done: ${journey.name}`),
            (error: unknown) => {
              machine.note(client.name, `is violated: ${inWords(error)}`);
              this.#violations.push(`journey ${journey.name} of ${client.name}: ${inWords(error)}`);
            },
          )
          .finally(() => this.#left--);
      });
    }
  }

  #planTroubles(): void {
    const maker = this.#machine.program('trouble', this.#random.fork());
    const random = this.#random.fork();
    const stage = {
      machine: this.#machine,
      server: this.server,
      conditions: this.#conditions,
      usual: this.#usual,
      maker,
      isQuiet: () => this.#isQuiet,
    };
    for (const at of this.#plan.troubles) {
      maker.after(at, () => makeTrouble(stage, random));
    }
    maker.after(this.#plan.quietAt, () => this.#beQuiet());
  }

  #beQuiet(): void {
    if (this.#isQuiet) return;
    this.#isQuiet = true;
    this.#machine.note('trouble', 'is over');
    Object.assign(this.#conditions, calm());
  }

  async #rest(): Promise<void> {
    this.#beQuiet();
    // What a jump of the clock has made due is deleted within an hour, or at the next start.
    if (this.#machine.ahead > 0) this.server.kill({ ms: SECOND });
    let isRested = false;
    this.#machine.program('rest', this.#random.fork()).after(REST_MS, () => void (isRested = true));
    await this.#machine.run(() => isRested && this.server.running !== undefined);
  }

  async #inspect(): Promise<void> {
    const { masterKey, config, running } = this.server;
    if (masterKey === undefined) return;
    const now = running?.context.now() ?? new Date(this.#machine.wall());
    const found = await inspect(config.database, masterKey, this.#told, now);
    this.#violations.push(...found.violations);
    this.#examined = found.examined;
  }

  /** Each client has learned in the end which order is its own, so there is no other. */
  #checkOrders(before: readonly string[]): void {
    const known = new Set([...before, ...this.#told.map((resource) => (resource as any).sid)]);
    for (const sid of this.#orders()) {
      if (known.has(sid)) continue;
      this.#violations.push(`orders: ${sid}: nobody was told of it, so it was ordered twice`);
    }
  }

  #orders(): string[] {
    return ordersIn((this.server.config.database as { file: string }).file);
  }
}

function inWords(error: unknown): string {
  const { name, message } = error as Error;
  return `${name}: ${message}`;
}
