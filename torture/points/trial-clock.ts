// The time of a trial. It passes as fast as the clients wait, not as slowly as the machine's.
import { MACHINE } from '../../src/store/clock.ts';

const { wall, steady } = MACHINE;
let ahead = 0;

MACHINE.wall = () => wall() + ahead;
MACHINE.steady = () => steady() + ahead;

/** Milliseconds by which the servers of this process are ahead of the machine. */
export function setAhead(ms: number): void {
  ahead = ms;
}

export function trialTime(): Date {
  return new Date(MACHINE.wall());
}
