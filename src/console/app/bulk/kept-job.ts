// A job that is not finished, kept in this tab, so that reloading the page only pauses it.
import type { Job } from './job.ts';

const NAME = 'simwright.job';

export function keepJob(job: Job): void {
  try {
    sessionStorage.setItem(NAME, JSON.stringify(job));
  } catch {
    // Too much for the browser: then it can be continued only as long as the page stays.
  }
}

export function forgetJob(): void {
  try {
    sessionStorage.removeItem(NAME);
  } catch {
    // Nothing was kept.
  }
}

export function hasKeptJob(): boolean {
  try {
    return sessionStorage.getItem(NAME) !== null;
  } catch {
    return false;
  }
}

/** Of this account; paused. */
export function keptJob(account: string | undefined): Job | undefined {
  try {
    const kept = JSON.parse(sessionStorage.getItem(NAME) ?? 'null') as Job | null;
    if (kept === null || kept.account !== account) return undefined;
    return { ...kept, state: 'paused', problem: 'The page was left before it was done.' };
  } catch {
    return undefined;
  }
}
