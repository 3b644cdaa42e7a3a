// Bounds the lines in which work waits for the database: for a connection, for its turn, for others to share a statement with.
import { StoreBusy } from './errors.ts';

/** More than a process admits with its usual settings, so that nothing admitted is refused here. */
const MOST = 5_000;

/** @param waiting how many wait already. Throws `StoreBusy` if one more would be too many. */
export function joinLine(waiting: number): void {
  if (waiting >= MOST)
    throw new StoreBusy(`${waiting} others are already waiting for the database`);
}
