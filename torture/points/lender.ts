// Gives each point a stage to be tried on: one of its own, or one that others were tried on before.
import type { Point } from './point.ts';
import type { Scene } from './scene.ts';
import { Stage } from './stage.ts';
import type { Surroundings } from './stage.ts';

export interface Tried {
  problems: string[];
  /** Whether the point was reached. */
  hasStruck: boolean;
}

/** Fewer than there are subscriptions in stock. */
const PLAYS = 40;

export class Lender {
  readonly #scene: Scene;
  readonly #around: Surroundings;
  readonly #shares: boolean;
  #shared: { stage: Stage; plays: number } | undefined;

  /** @param shares whether points are tried one after the other on one database */
  constructor(scene: Scene, around: Surroundings, shares: boolean) {
    this.#scene = scene;
    this.#around = around;
    // A start happens once.
    this.#shares = shares && scene.points === 'journey';
  }

  /** A point that others have spoilt, such as one that only comes once per server, is tried on a stage of its own. */
  async tryPoint(point: Point): Promise<Tried> {
    if (this.#shares) {
      const tried = await this.#tryShared(point);
      if (tried.hasStruck || tried.problems.length > 0) return tried;
      // Both would listen at the same ports.
      await this.close();
    }
    await using stage = await Stage.open(this.#scene, this.#around);
    return await tryPoint(stage, this.#scene, point);
  }

  async close(): Promise<void> {
    const { stage } = this.#shared ?? {};
    this.#shared = undefined;
    await stage?.[Symbol.asyncDispose]();
  }

  async #tryShared(point: Point): Promise<Tried> {
    const shared = (this.#shared ??= {
      stage: await Stage.open(this.#scene, this.#around),
      plays: 0,
    });
    const tried = await tryPoint(shared.stage, this.#scene, point);
    if (++shared.plays === PLAYS || tried.problems.length > 0) await this.close();
    return tried;
  }
}

/** Plays the scene once, with what must go wrong, and inspects the database. */
export async function tryPoint(stage: Stage, scene: Scene, point: Point): Promise<Tried> {
  const { problems, hasStruck } = await stage.play(scene, point);
  try {
    problems.push(...(await stage.inspect()));
  } catch (error) {
    problems.push(`it cannot be inspected: ${(error as Error).message}`);
  }
  return { problems, hasStruck };
}
