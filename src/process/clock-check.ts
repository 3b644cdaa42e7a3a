// Warns the operator when the machine's clock is wrong.
import type { Logger } from 'pino';
import type { Store } from '../store/store.ts';

/** How often the machine's clock is compared with the database's. */
export const CLOCK_CHECK_MS = 5_000;
/** A clock set by NTP stays well below this. */
const TOLERANCE_MS = 3_000;

/** A warning if the clock was wrong at the last comparison. */
export function clockWarning({ clock, kind }: Pick<Store, 'clock' | 'kind'>): string | undefined {
  const seconds = Math.round(Math.abs(clock.aheadMs) / 1_000);
  if (Math.abs(clock.aheadMs) <= TOLERANCE_MS) return undefined;
  if (kind === 'postgres') {
    const where = clock.aheadMs > 0 ? 'ahead of' : 'behind';
    return (
      `The clock of this machine is ${seconds} seconds ${where} the database's, which sets the time for ` +
      'all nodes; set both by NTP'
    );
  }
  return (
    `The clock of this machine is ${seconds} seconds behind the newest record; until it has caught up, ` +
    'time runs at half speed here'
  );
}

/** @returns compares the clocks and logs a change: wrong, wrong by another amount, right again */
export function clockChecker(
  store: Pick<Store, 'clock' | 'kind'>,
  log: Logger,
): () => Promise<void> {
  /** How far ahead the clock was when last logged. */
  let told = 0;
  return async () => {
    await store.clock.compare();
    const { aheadMs } = store.clock;
    const warning = clockWarning(store);
    if (warning === undefined) {
      if (told !== 0) log.info('The clock of this machine is right again');
      told = 0;
    } else if (told === 0 || Math.abs(aheadMs - told) > TOLERANCE_MS) {
      log.warn(warning);
      told = aheadMs;
    }
  };
}
