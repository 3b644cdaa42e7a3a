// Tells whoever runs the server that the clock of its machine is wrong.
import type { Logger } from 'pino';
import type { Store } from '../store/store.ts';

/** How often the clocks are compared, and the database's is measured. */
export const CLOCK_CHECK_MS = 5_000;
/** A clock that is set by NTP stays far below. */
const TOLERANCE_MS = 3_000;

/** A sentence, when the clock was wrong when it was compared last. */
export function clockWarning({ clock, kind }: Pick<Store, 'clock' | 'kind'>): string | undefined {
  const seconds = Math.round(Math.abs(clock.aheadMs) / 1_000);
  if (Math.abs(clock.aheadMs) <= TOLERANCE_MS) return undefined;
  if (kind === 'postgres') {
    const where = clock.aheadMs > 0 ? 'ahead of' : 'behind';
    return (
      `The clock of this machine is ${seconds} seconds ${where} that of the database, which everything here ` +
      'goes by; let NTP set both'
    );
  }
  return (
    `The clock of this machine is ${seconds} seconds behind what was written already; until it has caught up, ` +
    'time goes at half the speed here'
  );
}

/** @returns compares the clocks, and logs what is new: wrong, otherwise wrong, right again */
export function clockChecker(
  store: Pick<Store, 'clock' | 'kind'>,
  log: Logger,
): () => Promise<void> {
  /** By how much the clock was ahead when it was told last. */
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
