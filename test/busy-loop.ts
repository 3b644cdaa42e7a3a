// A process whose loop is busy with work that goes on.
import type { Turns } from '../src/process/turns.ts';

/** Longer than all work may keep one of the loop's turns. */
const WORK_MS = 1.5;

/**
 * Work that goes on in each turn of the loop, behind what goes on already, so that nothing else gets a turn.
 * @param work takes a moment, on the clock of the turns
 * @returns a function that ends it
 */
export function keepBusy(turns: Turns, work: () => void = spin): () => void {
  let isOver = false;
  const again = () => {
    if (isOver) return;
    work();
    turns.run('goes on', again);
  };
  again();
  return () => void (isOver = true);
}

function spin(): void {
  const end = performance.now() + WORK_MS;
  while (performance.now() < end);
}
