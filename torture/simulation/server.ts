// The product on a simulated machine: it dies and starts again, and finds its files as it left them.
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { pino } from 'pino';
import type { Operation } from '../../src/api/operation.ts';
import { assemble } from '../../src/assembly.ts';
import type { Assembly } from '../../src/assembly.ts';
import { readConfig } from '../../src/config.ts';
import type { Config } from '../../src/config.ts';
import { openData } from '../../src/data.ts';
import { lockData } from '../../src/lock-data.ts';
import type { MasterKey } from '../../src/process/keys.ts';
import type { Pki } from '../../src/smdp/pki/pki.ts';
import { StoreUnavailable } from '../../src/store/errors.ts';
import { OLD_DATABASE } from '../old-database.ts';
import type { Random } from '../random.ts';
import { copyDatabase } from './files.ts';
import { stop } from './machine/disk.ts';
import type { LogContent } from './machine/disk.ts';
import { Crash, Stopped } from './machine/machine.ts';
import type { Machine, Program } from './machine/machine.ts';

/** What a run tests. A broken product shows what a run would find. */
export interface Product {
  operations?: readonly Operation[];
  /** Called before its background loops start. */
  onAssembly?: (assembly: Assembly) => void;
}

/** A server that answers. */
export interface Running extends Assembly {
  program: Program;
  /** Resolves once its work is done and its files are closed. */
  end: () => Promise<void>;
  /** Called when it dies. */
  onDeath: Set<() => void>;
}

/** Why it is not running, and for how long. */
export interface Downtime {
  ms: number;
  /** Whether what has not reached the disk itself is lost with it. */
  isPowerCut?: boolean;
}

export const ACCOUNT = OLD_DATABASE.account;
export const PUBLIC_URL = 'http://api.simulated';
const STOCK = 60;

export class SimulatedServer {
  readonly #machine: Machine;
  readonly #root: string;
  readonly #random: Random;
  readonly #product: Product;
  readonly #supervisor: Program;
  readonly #connections: DatabaseSync[] = [];
  #starts = 0;
  #isOver = false;
  #synced: LogContent | undefined;
  /** How long the log was after each commit. */
  #commits: number[] = [];
  /** The header of a log that has a gap on the disk. */
  #gap: string | undefined;
  /** What happens after the next death. */
  #downtime: Downtime = { ms: 1_000 };
  program: Program;
  config: Config;
  /** Undefined while it does not answer. */
  running: Running | undefined;
  /** Of the last that answered. */
  pki: Pki | undefined;
  masterKey: MasterKey | undefined;

  /** @param root an empty folder; `folder` below it is the first data folder */
  constructor(machine: Machine, root: string, random: Random, product: Product) {
    this.#machine = machine;
    this.#root = root;
    this.#random = random;
    this.#product = product;
    this.#supervisor = machine.program('supervisor', random.fork());
    this.program = this.#supervisor;
    this.config = this.#configure(this.#folder());
    mkdirSync(this.#folder());
  }

  get starts(): number {
    return this.#starts;
  }

  start(): void {
    this.#starts++;
    const program = this.#machine.program(`server ${this.#starts}`, this.#random.fork());
    this.program = program;
    this.#machine.note(program.name, 'starts');
    program.after(0, () => void this.#run(program));
  }

  /** Everything that it is doing ends at once. */
  kill(downtime: Downtime): void {
    this.expect(downtime);
    stop(this.program);
  }

  /** Says what happens when it dies by itself, at a call. */
  expect(downtime: Downtime): void {
    this.#downtime = downtime;
  }

  /** As on SIGTERM: it ends its work first. */
  async end(downtime: Downtime): Promise<void> {
    const { running } = this;
    if (running === undefined) return;
    this.running = undefined;
    const { program, end } = running;
    this.#machine.note(program.name, 'is asked to end');
    await program.do(end);
    this.#machine.note(program.name, 'has ended');
    this.expect(downtime);
    stop(program);
  }

  /** As `Disk` wants it: what it has left is copied, so that whatever it still does reaches nobody. */
  onDeath(program: Program): void {
    if (program !== this.program || this.#isOver) return;
    const { ms, isPowerCut = false } = this.#downtime;
    this.#downtime = { ms: 1_000 };
    const left = this.config.database as { file: string };
    const folder = this.#folder();
    mkdirSync(folder);
    this.config = this.#configure(folder);
    const { file } = this.config.database as { file: string };
    const log = isPowerCut ? { synced: this.#synced, commits: this.#commits } : undefined;
    const lost = copyDatabase(left.file, file, log, this.#random);
    this.#commits = [];
    const how = isPowerCut ? `the power is cut; ${lost} commits are lost; ` : '';
    this.#machine.note(program.name, `is dead; ${how}it starts again in ${ms} ms`);
    const { onDeath } = this.running ?? {};
    this.running = undefined;
    for (const listener of onDeath ?? []) listener();
    this.#supervisor.after(ms, () => this.start());
  }

  onConnection(connection: DatabaseSync): void {
    if (!this.#connections.includes(connection)) this.#connections.push(connection);
  }

  onCommitted(program: Program): void {
    if (program !== this.program) return;
    const { file } = this.config.database as { file: string };
    const size = statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0;
    // The log has begun anew.
    if (size < (this.#commits.at(-1) ?? 0)) this.#commits = [];
    this.#commits.push(size);
  }

  onSynced(content: LogContent): void {
    if (content.head !== this.#gap) this.#synced = content;
  }

  onSyncFailed({ head }: LogContent): void {
    this.#gap = head;
    // Of a log that was never synced, nothing is there.
    if (this.#synced?.head !== head) this.#synced = { size: 0, head };
  }

  /** Closes what all that have died have left open. */
  close(): void {
    this.#isOver = true;
    stop(this.program);
    for (const connection of this.#connections) if (connection.isOpen) connection.close();
  }

  async #run(program: Program): Promise<void> {
    const { operations, onAssembly } = this.#product;
    try {
      const { config, secrets } = read(this.config.data);
      const log = pino(
        { level: config.logLevel, base: null },
        { write: (line) => this.#log(line, program) },
      );
      const lock = await lockData(config);
      const data = await openData(config, secrets);
      const assembly = await assemble(config, secrets, data, log, operations);
      await assembly.api.ready();
      onAssembly?.(assembly);
      const endJobs = assembly.startJobs();
      const end = async () => {
        await endJobs();
        await data.store.close();
        lock.release();
      };
      this.pki = assembly.context.pki;
      this.masterKey = data.masterKey;
      this.running = { ...assembly, program, end, onDeath: new Set() };
      this.#machine.note(program.name, 'answers');
    } catch (error) {
      if (error instanceof Stopped) return;
      if (!(error instanceof StoreUnavailable)) {
        throw new Crash(`the server does not start: ${(error as Error).message}`, { cause: error });
      }
      this.#note(program.name, `does not start: ${error.message}`);
      stop(program);
    }
  }

  #log(line: string, { name, isStopped }: Program): void {
    if (isStopped) return;
    // A transaction ID depends on keys, which differ each time.
    const { level, msg, time: _time, err, ms: _ms, transaction: _id, ...fields } = JSON.parse(line);
    const error = err === undefined ? '' : ` (${err.type}: ${err.message})`;
    this.#note(name, `log ${level / 10}: ${msg}${error} ${JSON.stringify(fields)}`);
  }

  #note(name: string, text: string): void {
    this.#machine.note(name, text.replaceAll(this.#root, ''));
  }

  #folder(): string {
    return join(this.#root, `data-${this.#starts}`);
  }

  #configure(folder: string): Config {
    return read(folder).config;
  }
}

function read(folder: string): ReturnType<typeof readConfig> {
  return readConfig({
    SIMWRIGHT_DATA: folder,
    SIMWRIGHT_PUBLIC_URL: PUBLIC_URL,
    SIMWRIGHT_SMDP_ADDRESS: OLD_DATABASE.smdpAddress,
    SIMWRIGHT_MASTER_KEY: OLD_DATABASE.masterKey,
    SIMWRIGHT_ACCOUNT_SID: ACCOUNT.sid,
    SIMWRIGHT_AUTH_TOKEN: ACCOUNT.authToken,
    SIMWRIGHT_TEST_STOCK: String(STOCK),
    SIMWRIGHT_ESIPA_PORT: '8445',
    SIMWRIGHT_LOG_LEVEL: 'info',
  });
}
