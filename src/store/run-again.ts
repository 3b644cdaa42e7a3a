import { Conflict } from './errors.ts';

/** Each conflict means that another one got on. */
const ATTEMPTS = 12;

/** Runs again what another one has overtaken: then what it reads, and so its outcome, is another. */
export async function runAgain<Result>(
  run: () => Promise<Result>,
  isOvertaken = (error: unknown): boolean => error instanceof Conflict,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      if (!isOvertaken(error) || attempt === ATTEMPTS) throw error;
    }
  }
}
