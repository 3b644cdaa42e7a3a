// A point: one call that a server makes to its database or to the outside, and what goes wrong there.
import type { DatabaseConfig } from '../../src/config.ts';

export type DatabaseKind = DatabaseConfig['kind'];

/** By what may go wrong at it. */
export type CallKind =
  | 'read'
  | 'write'
  /** `begin`, `savepoint`, `pragma`, … */
  | 'control'
  /** Also a write outside a transaction. */
  | 'commit'
  /** `fdatasync` of the log. */
  | 'sync'
  | 'connect to database'
  | 'connect to receiver'
  /** A callback as its receiver gets it. */
  | 'callback'
  /** An answer of the API, ES9+ or ESipa on its way to the client. */
  | 'answer'
  /** A function that the eUICC of a device has carried out. */
  | 'device';

export interface Call {
  kind: CallKind;
  /** What it is, the same in every run: `update-callbacks-3fa2` */
  name: string;
  /** For people: the statement. */
  text: string;
}

/** What each fault is. */
export const FAULTS = {
  fail: 'the database refuses: I/O error, or no space left; the transaction is still there',
  full: 'no space is left, and SQLite rolls the transaction back',
  cut: 'the connection is lost before the database has the statement',
  'cut-after':
    'the connection is lost once the statement is carried out: whether it was is unknown',
  refuse: 'the receiver refuses: the connection, or the callback (503)',
  'hang-up': 'the receiver hangs up',
  'accept-and-hang-up': 'the receiver accepts, and its answer is lost',
  lose: 'the answer of the server is lost on the way to the client',
  'power-off': 'a device loses its power, once its eUICC has kept what a function has changed',
  die: 'the process dies before the call; of an answer: once the client has it',
  'die-after': 'the process dies once the call is carried out, before it learns so',
} as const satisfies Record<string, string>;

export type Fault = keyof typeof FAULTS;

export const dies = (fault: Fault) => fault === 'die' || fault === 'die-after';

/** Of no call of the server. */
const OUTSIDE: readonly Fault[] = ['lose', 'power-off'];

/** Kinds of faults, as users choose them. */
export const FAULT_KINDS = {
  fail: (fault) => !dies(fault) && !OUTSIDE.includes(fault),
  die: dies,
  lose: (fault) => fault === 'lose',
  device: (fault) => fault === 'power-off',
} as const satisfies Record<string, (fault: Fault) => boolean>;

export type FaultKind = keyof typeof FAULT_KINDS;

const BOTH: Partial<Record<CallKind, readonly Fault[]>> = {
  'connect to receiver': ['refuse', 'die'],
  callback: ['refuse', 'hang-up', 'accept-and-hang-up', 'die', 'die-after'],
  answer: ['lose', 'die'],
  device: ['power-off'],
};

const FAULTS_OF: Record<DatabaseKind, Partial<Record<CallKind, readonly Fault[]>>> = {
  sqlite: {
    ...BOTH,
    read: ['fail', 'die'],
    write: ['fail', 'full', 'die'],
    control: ['fail', 'die'],
    commit: ['fail', 'full', 'die', 'die-after'],
    sync: ['fail', 'die', 'die-after'],
  },
  postgres: {
    ...BOTH,
    read: ['fail', 'cut', 'die'],
    write: ['fail', 'cut', 'die'],
    control: ['fail', 'cut', 'die'],
    commit: ['fail', 'cut', 'cut-after', 'die', 'die-after'],
    'connect to database': ['fail', 'die'],
  },
};

export function faultsOf(kind: CallKind, database: DatabaseKind): readonly Fault[] {
  return FAULTS_OF[database][kind] ?? [];
}

export interface Point {
  fault: Fault;
  /** `Call.name` */
  name: string;
  /** The first call of this name is 1. */
  occurrence: number;
}

/** As in `--point`: FAULT@NAME#OCCURRENCE */
export function formatPoint({ fault, name, occurrence }: Point): string {
  return `${fault}@${name}#${occurrence}`;
}

/** @returns undefined if it is no such text */
export function parsePoint(text: string): Point | undefined {
  const [, fault = '', name = '', occurrence] = /^([a-z-]+)@(.+)#(\d+)$/.exec(text) ?? [];
  return fault in FAULTS
    ? { fault: fault as Fault, name, occurrence: Number(occurrence) }
    : undefined;
}
