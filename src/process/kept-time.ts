// The time on SQLite while the machine's clock is behind, kept so that a restart does not set it back.
import type { Store } from '../store/store.ts';
import type { Transact } from '../unit.ts';

const SETTING = 'time_kept';
/** A clock set by NTP stays well below this. */
const LEAST_BEHIND_MS = 1_000;

/** Writes only while the machine's clock is behind, as last compared. Throws `StoreUnavailable`. */
export async function keepTime({ kind, clock }: Store, transact: Transact): Promise<void> {
  if (kind !== 'sqlite' || clock.aheadMs > -LEAST_BEHIND_MS) return;
  await transact(({ tables, now }) => {
    const machine = new Date(now.getTime() + clock.aheadMs);
    return tables.settings.set(SETTING, `${now.toISOString()} ${machine.toISOString()}`);
  });
}

/**
 * As if the clock had gone on while no server ran: at half speed, as it does while the machine catches up.
 * @returns undefined if nothing was kept
 */
export async function timeSinceKept(
  { settings }: Pick<Store, 'settings'>,
  wall: () => number,
): Promise<Date | undefined> {
  const [time, machine] = ((await settings.find(SETTING)) ?? '').split(' ').map(Date.parse);
  if (time === undefined || machine === undefined || Number.isNaN(time + machine)) return undefined;
  return new Date(time + Math.max(0, wall() - machine) / 2);
}
