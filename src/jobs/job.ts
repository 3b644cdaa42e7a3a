// What the server does by itself, beside answering.
import type { LoopName } from '../process/loop.ts';

export interface Job {
  name: LoopName;
  /** How often it looks for work when nobody wakes it. */
  everyMs: number;
  /** Does some of what there is to do. @returns whether there may be more */
  turn: () => Promise<boolean>;
}

/** How soon work is noticed that another process has left. */
export const LOOK_MS = 1_000;
/** Rows of one transaction. */
export const BATCH = 50;
