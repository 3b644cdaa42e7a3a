import { setTimeout as sleep } from 'node:timers/promises';

const LIMIT_MS = 3_000;
const PAUSE_MS = 200;

/**
 * What others have open of a database, after a moment in which those that have just ended vanish.
 * @param ask for what they have open now
 * @returns none as soon as there is none
 */
export async function sessionsLeft<Session>(ask: () => Promise<Session[]>): Promise<Session[]> {
  for (let waited = 0; ; waited += PAUSE_MS) {
    const left = await ask();
    if (left.length === 0 || waited >= LIMIT_MS) return left;
    await sleep(PAUSE_MS);
  }
}
