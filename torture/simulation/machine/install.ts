// Puts a machine's own in the place of what Node offers its programs: timers, clocks, chance, files, SQLite and HTTP.
// Imported before anything of the product, which may keep what it finds. Outside of a program of a machine, everything
// is Node's as before.
import { fstatSync, readSync } from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { callOf, die, perform, systemError } from './disk.ts';
import { running } from './machine.ts';
import type { Program } from './machine.ts';
import { answered, NamelessFile } from './nameless-file.ts';
import { SimulatedRequest } from './network.ts';
import type { Task } from './task-queue.ts';

type Function = (...given: any[]) => any;

const require = createRequire(import.meta.url);
const timers = require('node:timers') as Record<string, Function>;
const sleeping = require('node:timers/promises') as Record<string, Function>;
const crypto = require('node:crypto') as Record<string, Function>;
const fs = require('node:fs') as Record<string, Function>;
const files = require('node:fs/promises') as Record<string, Function>;
const http = require('node:http') as Record<string, Function>;
const https = require('node:https') as Record<string, Function>;
const sqlite = require('node:sqlite') as {
  DatabaseSync: { prototype: DatabaseSync };
  StatementSync: { prototype: StatementSync };
};

/** Replaces functions of an object for programs of a machine. */
function replace(
  object: object,
  inside: Record<string, (program: Program, original: Function) => Function>,
): void {
  for (const [name, make] of Object.entries(inside)) {
    const original = Reflect.get(object, name) as Function;
    const replaced = function (this: unknown, ...given: unknown[]): unknown {
      const program = running();
      if (program === undefined) return original.apply(this, given);
      return make(program, original).apply(this, given);
    };
    for (const symbol of Object.getOwnPropertySymbols(original)) {
      Object.assign(replaced, { [symbol]: Reflect.get(original, symbol) as unknown });
    }
    Object.defineProperty(object, name, { value: replaced, configurable: true, writable: true });
  }
}

/** As `Timeout` and `Immediate` of Node, as far as they are used. */
class SimulatedTimer {
  task: Task | undefined;

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }

  refresh(): this {
    throw new Error('a simulated timer cannot be refreshed');
  }

  [Symbol.dispose](): void {
    clear(this);
  }
}

function clear(timer: unknown): void {
  if (timer instanceof SimulatedTimer && timer.task !== undefined) timer.task.isCancelled = true;
}

const timed =
  (program: Program, isRepeated: boolean): Function =>
  (work: Function, ms = 1, ...given: unknown[]) => {
    const timer = new SimulatedTimer();
    // As Node does: at least a millisecond.
    const pause = Math.max(ms, 1);
    const start = () => {
      timer.task = program.after(pause, () => {
        if (isRepeated) start();
        work(...given);
      });
    };
    start();
    return timer;
  };

const immediate =
  (program: Program): Function =>
  (work: Function, ...given: unknown[]) => {
    const timer = new SimulatedTimer();
    timer.task = program.after(0, () => void work(...given));
    return timer;
  };

const clearing = (_program: Program, original: Function): Function =>
  function (this: unknown, timer: unknown): unknown {
    return timer instanceof SimulatedTimer ? clear(timer) : original.call(this, timer);
  };

const TIMERS = {
  setTimeout: (program: Program) => timed(program, false),
  setInterval: (program: Program) => timed(program, true),
  setImmediate: immediate,
  clearTimeout: clearing,
  clearInterval: clearing,
  clearImmediate: clearing,
};
replace(globalThis, TIMERS);
replace(timers, TIMERS);
replace(sleeping, {
  setTimeout: (program) => (ms: number, value: unknown) => program.sleep(ms).then(() => value),
  setImmediate: (program) => (value: unknown) => program.sleep(0).then(() => value),
});

replace(performance, { now: (program) => () => program.machine.steady() });
const RealDate = Date;
globalThis.Date = new Proxy(Date, {
  construct(target, given, newTarget) {
    const program = given.length === 0 ? running() : undefined;
    const values = program === undefined ? given : [program.machine.wall()];
    return Reflect.construct(target, values, newTarget) as Date;
  },
  get(target, name, receiver) {
    return name === 'now' ? now : (Reflect.get(target, name, receiver) as unknown);
  },
});
function now(): number {
  return running()?.machine.wall() ?? RealDate.now();
}

function bytesOf(program: Program, count: number): Buffer {
  const bytes = Buffer.alloc(count);
  for (let at = 0; at < count; at++) bytes[at] = program.random.integer(0, 255);
  return bytes;
}
replace(crypto, {
  randomBytes: (program) => (count: number) => bytesOf(program, count),
  randomInt: (program) => (first: number, second?: number) =>
    second === undefined
      ? program.random.integer(0, first - 1)
      : program.random.integer(first, second - 1),
  randomUUID: (program) => () => {
    const bytes = bytesOf(program, 16);
    // RFC 9562 §5.4
    bytes[6] = (bytes[6]! & 0x0f) | 0x40;
    bytes[8] = (bytes[8]! & 0x3f) | 0x80;
    return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  },
});
replace(Math, { random: (program) => () => program.random.integer(0, 0x7fff_ffff) / 0x8000_0000 });

replace(fs, {
  fdatasync: (program) => (file: number, done: (error: Error | null) => void) => {
    sync(program, file, done);
  },
});

let synced = 0;
/** How many syncs machines have simulated: none, if the product was loaded before this file. */
export const countSyncs = (): number => synced;

/** What was written before the call reaches the disk, in its own time. */
function sync(program: Program, file: number, done: (error: Error | null) => void): void {
  if (program.isStopped) return;
  synced++;
  const { machine, name } = program;
  const { dies, fails, takes = 0 } = machine.disk.judge('sync', program);
  const content = { size: fstatSync(file).size, head: headOf(file) };
  machine.trace.addDetail(machine.elapsed, name, 'sync');
  if (dies === 'before') {
    // Most can be lost in the middle: what was told too early has reached somebody by then.
    program.after(takes / 2, () => die(program, 'sync', 'during'));
    return;
  }
  program.after(takes, () => {
    if (fails === undefined) machine.disk.onSynced(content);
    else machine.disk.onSyncFailed(content);
    if (dies === 'after') die(program, 'sync', dies);
    if (fails === undefined) return done(null);
    machine.note(name, `sync fails: ${fails}`);
    return done(systemError(fails, 'fdatasync'));
  });
}

/** The header of a write-ahead log, which changes when it begins anew (https://sqlite.org/fileformat.html#walformat). */
function headOf(file: number): string {
  const head = Buffer.alloc(32);
  readSync(file, head, 0, head.length, 0);
  return head.toString('hex');
}

/** Files of the product itself. */
const readingOf =
  (name: string) =>
  (program: Program): Function =>
  async (...given: unknown[]) => {
    await program.sleep(0);
    return fs[`${name}Sync`]!(...given) as unknown;
  };
replace(files, {
  readFile: readingOf('readFile'),
  readdir: readingOf('readdir'),
  stat: readingOf('stat'),
  mkdtemp: (program) => async (prefix: string) => {
    await answered(program, 'file', 'mkdtemp');
    return `${prefix}simulated`;
  },
  open: (program) => async () => {
    await answered(program, 'file', 'open');
    return new NamelessFile(program);
  },
  rm: (program) => () => answered(program, 'file', 'rm'),
});

const texts = new WeakMap<StatementSync, { database: DatabaseSync; text: string }>();

/** Executes a statement as the program's disk allows. */
function execute<T>(program: Program, database: DatabaseSync, text: string, work: () => T): T {
  program.machine.disk.onConnection(database, program);
  const rollBack = () => {
    if (database.isTransaction) exec.call(database, 'rollback');
  };
  return perform(program, callOf(text), text, work, rollBack);
}

const exec: Function = Reflect.get(sqlite.DatabaseSync.prototype, 'exec');
replace(sqlite.DatabaseSync.prototype, {
  exec: (program, original) =>
    function (this: DatabaseSync, text: string): void {
      execute(program, this, text, () => void original.call(this, text));
    },
  prepare: (_program, original) =>
    function (this: DatabaseSync, text: string): StatementSync {
      const statement = original.call(this, text) as StatementSync;
      texts.set(statement, { database: this, text });
      return statement;
    },
});
const executing = (program: Program, original: Function): Function =>
  function (this: StatementSync, ...given: unknown[]): unknown {
    const { database, text } = texts.get(this)!;
    return execute(program, database, text, () => original.apply(this, given) as unknown);
  };
replace(sqlite.StatementSync.prototype, {
  run: executing,
  get: executing,
  all: executing,
  iterate: executing,
});

const requesting =
  (scheme: string) =>
  (program: Program): Function =>
  (options: object) =>
    new SimulatedRequest(program, scheme, options);
replace(http, { request: requesting('http') });
replace(https, { request: requesting('https') });

syncBuiltinESMExports();
