// How far a transfer is, for whoever watches it.

export interface Step {
  /** What the share is of. */
  phase: 'rows' | 'indexes' | 'check';
  title: string;
  /** From 0 to 1. */
  done: number;
  /** Rows, or indexes. */
  count: number;
}

export type Tell = (step: Step) => void;
