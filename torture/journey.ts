// What somebody does with the system, from beginning to end.
import type { World } from './world.ts';

/**
 * To add one: a file in `journeys/` and a line in `journeys/index.ts`. Every trial runs it from then on: with a failure
 * at each of its points, in the simulation and in the storm.
 */
export interface Journey {
  name: string;
  /** Whose database it starts on: a new one, or one of an older version, which is migrated. */
  database?: 'old';
  /** Whether it lets days pass, by `World.pass`: then it runs alone. */
  passesTime?: true;
  /**
   * Goes on as a good client would, whatever fails on the way: it repeats what was not answered. Resolves once the
   * client has what it wanted, and throws if what it sees contradicts what it was told, or it has waited too long.
   * Other journeys run side by side, several of the same kind too, and in databases with the traces of others.
   */
  run(world: World): Promise<void>;
}
