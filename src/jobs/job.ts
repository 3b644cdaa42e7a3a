// Work that the server does in the background.
import type { LoopName } from '../process/loop.ts';

export interface Job {
  name: LoopName;
  /** How often it looks for work without being woken. */
  everyMs: number;
  /** Does part of the pending work. @returns whether more may be pending */
  turn: () => Promise<boolean>;
}

/** Maximum delay until work created by another process is noticed. */
export const LOOK_MS = 1_000;
/** Rows per transaction. */
export const BATCH = 50;
