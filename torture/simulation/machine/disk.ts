// The disk of a machine, and what may go wrong with it.
import type { DatabaseSync } from 'node:sqlite';
import type { Program } from './machine.ts';
import { Stopped } from './machine.ts';

/** What a program asks of its disk. */
export type DiskCall =
  | 'begin'
  | 'commit'
  | 'rollback'
  | 'savepoint'
  | 'write'
  | 'read'
  | 'checkpoint'
  | 'setting'
  | 'sync'
  | 'file';

/** A write-ahead log at some time. */
export interface LogContent {
  size: number;
  /** Its header in hex, which is another one when it begins anew. */
  head: string;
}

/** What becomes of a call. Without any of these, it succeeds at once. */
export interface Fate {
  /** The program dies there. */
  dies?: 'before' | 'after';
  fails?: Failure;
  /** With `fails`: SQLite also rolls back the transaction, as it may (https://sqlite.org/lang_transaction.html). */
  rollsBack?: boolean;
  /** For calls that are answered later, in milliseconds. */
  takes?: number;
}

export type Failure = 'full' | 'io' | 'busy';

export interface Disk {
  judge(call: DiskCall, program: Program): Fate;
  /** The program has died, and what is on its disk is what the next one finds. */
  onDeath(program: Program): void;
  /** The program uses this connection. */
  onConnection(connection: DatabaseSync, program: Program): void;
  /** The program has committed. */
  onCommitted(program: Program): void;
  /** All that was written to the log before has now reached the disk itself, unless an earlier sync of it failed. */
  onSynced(content: LogContent): void;
  /** What was written since the sync before may never reach it: a failed write is reported only once. */
  onSyncFailed(content: LogContent): void;
}

/** Does what the program asks, or what becomes of it instead. */
export function perform<T>(
  program: Program,
  call: DiskCall,
  text: string,
  work: () => T,
  rollBack?: () => void,
): T {
  if (program.isStopped) throw new Stopped(`${program.name} is dead`);
  const { machine, name } = program;
  const { dies, fails, rollsBack } = machine.disk.judge(call, program);
  machine.trace.addDetail(machine.elapsed, name, `${call}: ${text}`);
  if (dies === 'before') die(program, call, dies);
  if (fails !== undefined) {
    machine.note(name, `${call} fails: ${fails}${rollsBack === true ? ', rolled back' : ''}`);
    if (rollsBack === true) rollBack?.();
    throw sqliteError(fails);
  }
  const result = work();
  if (call === 'commit') machine.disk.onCommitted(program);
  if (dies === 'after') die(program, call, dies);
  return result;
}

export function die(program: Program, call: string, when: string): never {
  program.machine.note(program.name, `dies ${when} a ${call}`);
  stop(program);
  throw new Stopped(`${program.name} died`);
}

/** From now on, nothing that the program does has any effect. */
export function stop(program: Program): void {
  if (program.isStopped) return;
  program.isStopped = true;
  program.machine.disk.onDeath(program);
}

const SQLITE: Record<Failure, { errcode: number; errstr: string }> = {
  // https://sqlite.org/rescode.html
  full: { errcode: 13, errstr: 'database or disk is full' },
  io: { errcode: 778, errstr: 'disk I/O error' },
  busy: { errcode: 5, errstr: 'database is locked' },
};

/** As Node's SQLite throws it. */
function sqliteError(failure: Failure): Error {
  const { errcode, errstr } = SQLITE[failure];
  return Object.assign(new Error(errstr), { code: 'ERR_SQLITE_ERROR', errcode, errstr });
}

const SYSTEM: Record<Failure, { errno: number; code: string; text: string }> = {
  full: { errno: -28, code: 'ENOSPC', text: 'no space left on device' },
  io: { errno: -5, code: 'EIO', text: 'i/o error' },
  busy: { errno: -16, code: 'EBUSY', text: 'resource busy or locked' },
};

/** As Node's file system calls give it. */
export function systemError(failure: Failure, syscall: string): Error {
  const { errno, code, text } = SYSTEM[failure];
  return Object.assign(new Error(`${code}: ${text}, ${syscall}`), { errno, code, syscall });
}

const FIRST_WORDS: Record<string, DiskCall> = {
  'begin immediate': 'begin',
  commit: 'commit',
  rollback: 'rollback',
  savepoint: 'savepoint',
  release: 'savepoint',
  select: 'read',
  with: 'read',
  // That of a lock's file.
  'begin exclusive': 'setting',
  pragma: 'setting',
};

export function callOf(statement: string): DiskCall {
  if (statement.startsWith('pragma wal_checkpoint')) return 'checkpoint';
  const [words = ''] = /^\s*(begin )?\w+/i.exec(statement) ?? [];
  return FIRST_WORDS[words.trim().toLowerCase()] ?? 'write';
}
