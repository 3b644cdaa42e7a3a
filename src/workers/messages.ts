// What the processes of a server send one another.
import type { Config, Secrets } from '../config.ts';
import type { Snapshot } from '../metrics/metrics.ts';
import type { Topic } from '../process/peers.ts';
import type { ServerCounts } from '../process/server-counts.ts';

/** What a worker is told first. */
export interface Beginning {
  kind: 'begin';
  config: Config;
  secrets: Secrets;
  number: number;
  /** Whether the server starts with it. */
  isStart: boolean;
}

/** What one worker asks all others. */
export interface Question {
  kind: 'ask';
  /** Of the asking worker, for the answer. */
  id: number;
  topic: Topic;
  value: string;
}

/** What one worker tells all others. */
export interface Told {
  kind: 'tell';
  topic: Topic;
  value: string;
}

/** Whether the server still serves for a while. */
export interface Stop {
  kind: 'stop';
  drains: boolean;
}

/** To what the first process counts for all. */
export interface Count {
  kind: 'count';
  id: number;
  what: keyof ServerCounts;
  name: string;
}

export interface Answer {
  kind: 'answer';
  id: number;
  /** Undefined: not known. */
  value?: unknown;
}

/** Sent to a worker. `from` is who asks, for `Answer`. */
export type ToWorker =
  Beginning | Stop | { kind: 'count yourself' } | Told | (Question & { from: number }) | Answer;

/** Sent by a worker. */
export type FromWorker =
  | { kind: 'ready' }
  | Serving
  | Counted
  | Told
  | Question
  | Count
  /** To a question of the worker `to`. */
  | (Answer & { to: number });

/** The metrics of a worker, asked for by the first process. */
export interface Counted {
  kind: 'counted';
  snapshot: Snapshot;
}

/** The worker listens. */
export interface Serving {
  kind: 'serving';
  /** URL of the API. */
  url: string;
  /** What the start of a server prints, if this is one. */
  greeting: string;
}
