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
  #lent: { stage: Stage; plays: number } | undefined;

  /** @param shares whether points are tried one after the other on one database */
  constructor(scene: Scene, around: Surroundings, shares: boolean) {
    this.#scene = scene;
    this.#around = around;
    // A start happens once.
    this.#shares = shares && scene.points === 'journey';
  }

  /** A point that does not come again on a server that runs already, such as a loop's first turn, gets a new one. */
  async tryPoint(point: Point): Promise<Tried> {
    const isNew = this.#lent === undefined;
    const tried = await this.#tryOnce(point);
    if (isNew || (tried.hasStruck && tried.problems.length === 0)) return tried;
    await this.close();
    const alone = await this.#tryOnce(point);
    if (tried.problems.length === 0 || alone.problems.length > 0) return alone;
    const problems = [
      ...tried.problems,
      'but not on a database of its own: repeat it with --share',
    ];
    return { ...tried, problems };
  }

  async close(): Promise<void> {
    const { stage } = this.#lent ?? {};
    this.#lent = undefined;
    await stage?.[Symbol.asyncDispose]();
  }

  async #tryOnce(point: Point): Promise<Tried> {
    const lent = (this.#lent ??= {
      stage: await Stage.open(this.#scene, this.#around),
      plays: 0,
    });
    const tried = await tryPoint(lent.stage, this.#scene, point);
    const isLast = !this.#shares || ++lent.plays === PLAYS || tried.problems.length > 0;
    if (isLast) await this.close();
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
