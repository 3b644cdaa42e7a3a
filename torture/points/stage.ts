// A database with a server that is started again whenever it has died; and the world of those who use it.
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { readConfig } from '../../src/config.ts';
import type { DatabaseConfig } from '../../src/config.ts';
import { startServer } from '../../src/server.ts';
import type { Server } from '../../src/server.ts';
import { StoreUnavailable } from '../../src/store/errors.ts';
import { forgetSids } from '../../src/values/sid.ts';
import { httpWorld } from '../http-world.ts';
import { inspect } from '../inspect.ts';
import { OLD_DATABASE } from '../old-database.ts';
import { Random } from '../random.ts';
import type { Mood } from '../receiver.ts';
import { startReceiver } from '../receiver.ts';
import { NoAnswer } from '../world.ts';
import type { World } from '../world.ts';
import { watchNetwork } from './faults-network.ts';
import { watchPostgres } from './faults-postgres.ts';
import { watchSqlite } from './faults-sqlite.ts';
import type { Ground, Plot } from './ground.ts';
import { asTrial, Dead, Instance } from './instance.ts';
import { Ledger } from './ledger.ts';
import type { PassedCall } from './ledger.ts';
import type { Call, Fault, Point } from './point.ts';
import type { Scene } from './scene.ts';
import { setAhead, trialTime } from './trial-clock.ts';

watchNetwork();
watchPostgres();
watchSqlite();

/** The same for all servers of a process, one after the other. */
export interface Ports {
  api: number;
  es9: number;
}

export interface Played {
  passed: readonly PassedCall[];
  /** Whether the point was reached. */
  hasStruck: boolean;
  problems: string[];
}

/** A server whose start fails as often as this will not start by itself. */
const STARTS = 3;
/** What a client's pause takes of our time, however long it is for the server. */
const PAUSE_MS = { short: 4, long: 15 };
const SHORT_PAUSES = 150;
const TIMEOUT_MS = 20_000;
/** How often a loop looks for work. */
const LOOK_MS = 1_000;

export class Stage implements AsyncDisposable {
  readonly #plot: Plot;
  readonly #ports: Ports;
  readonly #receiver: Awaited<ReturnType<typeof startReceiver>>;
  readonly #told: object[] = [];
  readonly #problems: string[] = [];
  readonly #zombies: Promise<void>[] = [];
  readonly #onUnhandled = (error: unknown) => {
    if (!(error instanceof Dead)) this.#problems.push(`not caught: ${textOf(error)}`);
  };
  /** Warnings and errors of its servers. */
  readonly logged: string[] = [];
  #random: Random;
  #ledger = new Ledger(undefined);
  #ahead = 0;
  #looked = 0;
  #instance: Instance | undefined;
  #server: Server | undefined;
  #starting: Promise<void> | undefined;
  #isEnding = false;

  private constructor(
    plot: Plot,
    ports: Ports,
    receiver: Awaited<ReturnType<typeof startReceiver>>,
    seed: number,
  ) {
    this.#plot = plot;
    this.#ports = ports;
    this.#receiver = receiver;
    this.#random = new Random(seed);
  }

  static async on(
    ground: Ground,
    origin: Scene['origin'],
    ports: Ports,
    seed: number,
  ): Promise<Stage> {
    const stages: Stage[] = [];
    const receiver = await startReceiver((parameters) => stages[0]!.#mood(parameters));
    const stage = new Stage(await asTrial(() => ground.lay(origin)), ports, receiver, seed);
    stages.push(stage);
    setAhead(0);
    process.on('unhandledRejection', stage.#onUnhandled);
    return stage;
  }

  /** Plays a scene from beginning to end, with what must go wrong at one point of it. */
  async play(scene: Scene, point?: Point, wantsCallers = false): Promise<Played> {
    const inStart = new Ledger(point, wantsCallers);
    const ledger = scene.points === 'journey' ? new Ledger(point, wantsCallers) : inStart;
    this.#ledger = inStart;
    if (scene.points === 'journey') inStart.close();
    try {
      await this.#serve();
      this.#ledger = ledger;
      if (scene.points === 'start') ledger.close();
      await scene.journey.run(this.#world());
    } catch (error) {
      this.#problems.push(textOf(error));
    }
    ledger.close();
    await this.#starting;
    return {
      passed: ledger.passed,
      hasStruck: ledger.hasStruck,
      problems: this.#problems.splice(0),
    };
  }

  /** What `simwright verify` finds. */
  async inspect(): Promise<string[]> {
    const { masterKey } = this.#server!.context;
    const { violations } = await asTrial(() =>
      inspect(this.#plot.database(), masterKey, this.#told),
    );
    return violations;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnding = true;
    await this.#starting?.catch(() => {});
    await this.#server?.[Symbol.asyncDispose]();
    await Promise.all(this.#zombies);
    await this.#receiver[Symbol.asyncDispose]();
    await asTrial(() => this.#plot.free());
    process.off('unhandledRejection', this.#onUnhandled);
  }

  /** Resolves once a server listens. */
  async #serve(): Promise<void> {
    if (this.#server === undefined) await (this.#starting ??= this.#start());
  }

  async #start(): Promise<void> {
    for (let starts = 1; ; starts++) {
      // A new process knows of no SID.
      forgetSids();
      const instance = new Instance(this.#fate());
      this.#instance = instance;
      try {
        this.#server = await instance.run(() =>
          startOn(this.#plot.database(), this.#ports, (line) => this.logged.push(line)),
        );
        void instance.death.then(() => this.#bury());
        break;
      } catch (error) {
        // As whoever supervises it does.
        if (!instance.isDead && !(error instanceof StoreUnavailable)) {
          this.#problems.push(`the start fails with ${textOf(error)}`);
        }
        if (starts === STARTS) throw error;
      }
    }
    this.#starting = undefined;
    if (this.#instance.isDead) this.#bury();
  }

  /** Lets what is left of a dead server end, and starts another. */
  #bury(): void {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    this.#zombies.push(Promise.resolve(server[Symbol.asyncDispose]()).catch(() => {}));
    if (this.#isEnding) return;
    this.#starting = this.#start().catch((error: unknown) => {
      this.#problems.push(`it does not start again: ${textOf(error)}`);
    });
  }

  #fate() {
    const receiverPort = Number(new URL(this.#receiver.url).port);
    const database = this.#plot.database();
    const databasePort =
      database.kind === 'postgres' ? Number(new URL(database.url).port) : undefined;
    return {
      pass: (call: Call) => this.#ledger.pass(call),
      onDeath: () => this.#plot.keep(),
      peerAt: (port: number) =>
        port === receiverPort ? 'receiver' : port === databasePort ? 'database' : undefined,
    } as const;
  }

  #mood(parameters: Record<string, string>): Mood {
    const instance = this.#instance!;
    const status = parameters['Status'] ?? 'other';
    const call: Call = { kind: 'callback', name: `callback-${status}`, text: `callback ${status}` };
    const fault = this.#ledger.pass(call);
    if (fault === undefined) return 'accept';
    if (fault === 'die' || fault === 'die-after') instance.die();
    const moods: Partial<Record<Fault, Mood>> = {
      refuse: 'refuse',
      'hang-up': 'hang up',
      die: 'hang up',
    };
    return moods[fault] ?? 'accept and hang up';
  }

  #world(): World {
    let pauses = 0;
    const world = httpWorld({
      random: this.#random,
      account: OLD_DATABASE.account,
      apiUrl: () => `http://127.0.0.1:${this.#ports.api}`,
      es9At: () => ({ host: '127.0.0.1', port: this.#ports.es9 }),
      smdpAddress: OLD_DATABASE.smdpAddress,
      pki: this.#server!.context.pki,
      receiver: this.#receiver,
      acknowledge: (resource) => void this.#told.push(resource),
      now: trialTime,
      timeoutMs: TIMEOUT_MS,
      pass: async (ms) => this.#letPass(ms),
    });
    return {
      ...world,
      sleep: async (ms) => {
        await this.#letPass(ms);
        await sleep(pauses++ < SHORT_PAUSES ? PAUSE_MS.short : PAUSE_MS.long);
      },
      send: (request) =>
        this.#answer(`${request.method}-${patternOf(request.path)}`, () => world.send(request)),
      es9: {
        send: (name, address, request) =>
          this.#answer(name, () => world.es9.send(name, address, request)),
      },
    };
  }

  async #answer<T>(name: string, ask: () => Promise<T>): Promise<T> {
    const answer = await ask();
    const call: Call = { kind: 'answer', name: `answer-${name}`, text: `answer to ${name}` };
    const fault = this.#ledger.pass(call);
    if (fault === 'die') this.#instance!.die();
    if (fault === 'lose') throw new NoAnswer(`${name}: lost`);
    return answer;
  }

  /** For the clients, the server and its database. */
  async #letPass(ms: number): Promise<void> {
    this.#ahead += ms;
    await asTrial(() => this.#plot.setAhead(this.#ahead));
    setAhead(this.#ahead);
    if (this.#ahead < this.#looked + LOOK_MS) return;
    this.#looked = this.#ahead;
    for (const loop of [
      'reservation',
      'callbacks',
      'certificates',
      'sims',
      'housekeeping',
    ] as const) {
      this.#server?.context.wake(loop);
    }
  }
}

/** @param write gets its warnings and errors */
export async function startOn(
  database: DatabaseConfig,
  ports: Ports,
  write: (line: string) => void = () => {},
): Promise<Server> {
  const { config, secrets } = readConfig(settingsFor(database, ports));
  return startServer(config, secrets, pino({ level: 'warn' }, { write }));
}

function settingsFor(database: DatabaseConfig, ports: Ports): Record<string, string> {
  return {
    SIMWRIGHT_PORT: String(ports.api),
    SIMWRIGHT_ES9_PORT: String(ports.es9),
    SIMWRIGHT_SMDP_ADDRESS: OLD_DATABASE.smdpAddress,
    SIMWRIGHT_TEST_STOCK: '100',
    SIMWRIGHT_MASTER_KEY: OLD_DATABASE.masterKey,
    SIMWRIGHT_ACCOUNT_SID: OLD_DATABASE.account.sid,
    SIMWRIGHT_AUTH_TOKEN: OLD_DATABASE.account.authToken,
    SIMWRIGHT_DATABASE_URL: database.kind === 'sqlite' ? `sqlite:${database.file}` : database.url,
  };
}

/** A path without what differs from run to run. */
function patternOf(path: string): string {
  return path.replace(/\?.*/, '').replace(/[A-Z]{2}[0-9a-f]{32}/g, 'SID');
}

function textOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
