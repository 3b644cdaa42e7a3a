// The other workers of a server, which is one process or several: docs/decisions/0032-workers.md.

/** What workers tell or ask one another about. */
export type Topic = 'first entry' | 'first entry logged' | 'session ended' | 'stock changed';

export interface Peers {
  /** How many workers the server has; 1: this process is all of it. */
  readonly count: number;
  /** Of this one, from 1. One that is replaced leaves its number to its successor. */
  readonly number: number;
  /** Whether the server starts with this process; false for one that joins a server that is running. */
  readonly isStart: boolean;
  /** Tells all others. */
  tell(topic: Topic, value: string): void;
  onTold(topic: Topic, listener: (value: string) => void): void;
  /** Asks all others. @returns the first answer; undefined if none knows, or in time */
  ask(topic: Topic, value: string): Promise<unknown>;
  /** @param answer JSON; undefined: not known here */
  onAsked(topic: Topic, answer: (value: string) => unknown): void;
}

/** Of a server that is one process. */
export const ALONE: Peers = {
  count: 1,
  number: 1,
  isStart: true,
  tell() {},
  onTold() {},
  ask: async () => undefined,
  onAsked() {},
};

/** This worker's part of a limit for the whole server. All parts together are at least the limit, and at most `count - 1` more. */
export function partOf(limit: number, { count }: Pick<Peers, 'count'>): number {
  return Math.ceil(limit / count);
}
