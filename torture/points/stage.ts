// A database with a server that is started again whenever it has died; and the world of those who use it.
import { setTimeout as sleep } from 'node:timers/promises';
import { MasterKey } from '../../src/process/keys.ts';
import type { Pki } from '../../src/smdp/pki/pki.ts';
import { StoreUnavailable } from '../../src/store/errors.ts';
import { httpWorld } from '../http-world.ts';
import { inspect } from '../inspect.ts';
import { OLD_DATABASE } from '../old-database.ts';
import { Random } from '../random.ts';
import type { Mood } from '../receiver.ts';
import { startReceiver } from '../receiver.ts';
import type { World } from '../world.ts';
import type { Ground, Plot } from './ground.ts';
import { asTrial, Dead } from './instance.ts';
import type { Fate } from './instance.ts';
import { Ledger } from './ledger.ts';
import type { PassedCall } from './ledger.ts';
import type { Bear, Life, Ports } from './life.ts';
import { lossy } from './lossy-world.ts';
import { dies } from './point.ts';
import type { Fault, Point } from './point.ts';
import type { Scene } from './scene.ts';
import { setAhead, trialTime } from './trial-clock.ts';

export interface Surroundings {
  ground: Ground;
  ports: Ports;
  bear: Bear;
  seed: number;
}

export interface Played {
  passed: readonly PassedCall[];
  /** Whether the point was reached. */
  hasStruck: boolean;
  problems: string[];
}

type Receiver = Awaited<ReturnType<typeof startReceiver>>;

/** A server whose start fails as often as this will not start by itself. */
const STARTS = 3;
/** What a client's pause takes of our time, however long it is for the server. */
const PAUSE_MS = { short: 4, long: 15 };
const SHORT_PAUSES = 150;
const TIMEOUT_MS = 20_000;
/** Together longer than a loop pauses after its first failures. */
const LOOKS = 20;
const LOOKS_PAUSE_MS = 100;
/** How often a loop looks for work. */
const LOOK_MS = 1_000;
const LOOPS = [
  'reservation',
  'callbacks',
  'certificates',
  'sims',
  'eim',
  'notifications',
  'housekeeping',
] as const;

export class Stage implements AsyncDisposable {
  readonly #plot: Plot;
  readonly #ports: Ports;
  readonly #bear: Bear;
  readonly #receiver: Receiver;
  readonly #random: Random;
  readonly #told: object[] = [];
  readonly #problems: string[] = [];
  readonly #ends: Promise<void>[] = [];
  readonly #onUnhandled = (error: unknown) => {
    if (!(error instanceof Dead)) this.#problems.push(`not caught: ${textOf(error)}`);
  };
  /** Warnings and errors of its servers. */
  readonly logged: string[] = [];
  #ledger = new Ledger(undefined);
  #ahead = 0;
  #looked = 0;
  #life: Life | undefined;
  #pki: Pki | undefined;
  #starting: Promise<void> | undefined;
  #isEnding = false;

  private constructor(plot: Plot, receiver: Receiver, { ports, bear, seed }: Surroundings) {
    this.#plot = plot;
    this.#receiver = receiver;
    this.#ports = ports;
    this.#bear = bear;
    this.#random = new Random(seed);
  }

  static async open({ origin }: Pick<Scene, 'origin'>, around: Surroundings): Promise<Stage> {
    const stages: Stage[] = [];
    const receiver = await startReceiver((parameters) => stages[0]!.#mood(parameters));
    const stage = new Stage(await asTrial(() => around.ground.lay(origin)), receiver, around);
    stages.push(stage);
    setAhead(0);
    process.on('unhandledRejection', stage.#onUnhandled);
    return stage;
  }

  /** Plays a scene from beginning to end, with what must go wrong at one point of it. */
  async play(scene: Scene, point?: Point, wantsCallers = false): Promise<Played> {
    const ledger = new Ledger(point, wantsCallers);
    try {
      if (scene.points !== 'journey') this.#ledger = ledger;
      if (this.#life === undefined) await (this.#starting ??= this.#start());
      if (scene.points === 'start') ledger.close();
      this.#ledger = ledger;
      await this.#life?.watch(ledger.ahead);
      await scene.journey.run(this.#world(await this.#knowPki()));
    } catch (error) {
      this.#problems.push(textOf(error));
    }
    ledger.close();
    await this.#starting?.catch(() => {});
    await this.#life?.watch(undefined);
    return {
      passed: ledger.passed,
      hasStruck: ledger.hasStruck,
      problems: this.#problems.splice(0),
    };
  }

  /**
   * What `simwright verify` finds. What is past its time may still be there after housekeeping has failed, and is gone
   * once it has tried again; nothing else may be wrong for a moment.
   */
  async inspect(): Promise<string[]> {
    const masterKey = new MasterKey(OLD_DATABASE.masterKey);
    for (let looks = 1; ; looks++) {
      const { violations } = await asTrial(() =>
        inspect(this.#plot.database(), masterKey, this.#told),
      );
      const mayPass = violations.every((violation) => violation.startsWith('lifetimes: '));
      if (violations.length === 0 || !mayPass || looks === LOOKS) return violations;
      await sleep(LOOKS_PAUSE_MS);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnding = true;
    await this.#starting?.catch(() => {});
    await this.#life?.end();
    await Promise.all(this.#ends);
    await this.#receiver[Symbol.asyncDispose]();
    await asTrial(() => this.#plot.free());
    process.off('unhandledRejection', this.#onUnhandled);
  }

  async #start(): Promise<void> {
    for (let starts = 1; this.#life === undefined; starts++) {
      try {
        const life = await this.#bear({
          database: this.#plot.database(),
          ports: this.#ports,
          receiverPort: portOf(this.#receiver.url),
          ahead: this.#ahead,
          point: this.#ledger.ahead,
          fate: this.#fate(),
          onStruck: () => this.#ledger.struck(),
          write: (line) => void this.logged.push(line),
        });
        this.#life = life;
        void life.death.then(() => this.#bury(life));
      } catch (error) {
        // Whoever supervises it starts it again.
        if (starts === STARTS) throw error;
        if (error instanceof Dead || error instanceof StoreUnavailable) continue;
        this.#problems.push(`the start fails with ${textOf(error)}`);
      }
    }
    this.#starting = undefined;
  }

  /** It may have died again. */
  async #knowPki(): Promise<Pki> {
    while (this.#pki === undefined) {
      await this.#starting;
      this.#pki = await this.#life?.pki();
    }
    return this.#pki;
  }

  /** Lets what is left of a dead server end, and starts another. */
  #bury(life: Life): void {
    this.#life = undefined;
    this.#ends.push(life.end().catch(() => {}));
    if (this.#isEnding) return;
    this.#starting = this.#start().catch((error: unknown) => {
      this.#problems.push(`it does not start again: ${textOf(error)}`);
    });
  }

  #fate(): Fate {
    const receiverPort = portOf(this.#receiver.url);
    const database = this.#plot.database();
    const databasePort = database.kind === 'postgres' ? portOf(database.url) : undefined;
    return {
      pass: (call) => this.#ledger.pass(call),
      onDeath: () => this.#plot.keep(),
      peerAt: (port) =>
        port === receiverPort ? 'receiver' : port === databasePort ? 'database' : undefined,
    };
  }

  #mood(parameters: Record<string, string>): Mood {
    const status = parameters['Status'] ?? 'other';
    const fault = this.#ledger.pass({
      kind: 'callback',
      name: `callback-${status}`,
      text: `callback ${status}`,
    });
    if (fault === undefined) return 'accept';
    if (dies(fault)) this.#life?.die();
    const moods: Partial<Record<Fault, Mood>> = {
      refuse: 'refuse',
      'hang-up': 'hang up',
      die: 'hang up',
    };
    return moods[fault] ?? 'accept and hang up';
  }

  #world(pki: Pki): World {
    let pauses = 0;
    const world = httpWorld({
      random: this.#random,
      account: OLD_DATABASE.account,
      apiUrl: () => `http://127.0.0.1:${this.#ports.api}`,
      es9At: () => ({ host: '127.0.0.1', port: this.#ports.es9 }),
      esipaAt: () => ({ host: '127.0.0.1', port: this.#ports.esipa }),
      smdpAddress: OLD_DATABASE.smdpAddress,
      pki,
      receiver: this.#receiver,
      acknowledge: (resource) => void this.#told.push(resource),
      now: trialTime,
      timeoutMs: TIMEOUT_MS,
      pass: async (ms) => this.#letPass(ms),
    });
    const paced: World = {
      ...world,
      sleep: async (ms) => {
        await this.#letPass(ms);
        await sleep(pauses++ < SHORT_PAUSES ? PAUSE_MS.short : PAUSE_MS.long);
      },
    };
    return lossy(paced, {
      pass: (call) => this.#ledger.pass(call),
      die: () => this.#life?.die(),
    });
  }

  /** For the clients, the server and its database. */
  async #letPass(ms: number): Promise<void> {
    this.#ahead += ms;
    await asTrial(() => this.#plot.setAhead(this.#ahead));
    setAhead(this.#ahead);
    this.#life?.setAhead(this.#ahead);
    if (this.#ahead < this.#looked + LOOK_MS) return;
    this.#looked = this.#ahead;
    for (const loop of LOOPS) this.#life?.wake(loop);
  }
}

const portOf = (url: string) => Number(new URL(url).port);

function textOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
