import { Conflict } from '../store/errors.ts';

/** A call that conflicts with others on the same eUICC is run again; each conflict means that another one got on. */
const ATTEMPTS = 12;

export async function runAgain<Result>(run: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof Conflict) || attempt === ATTEMPTS) throw error;
    }
  }
}
