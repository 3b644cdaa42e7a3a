import { useProfileChanges } from './events.ts';
import { useSoon } from './use-soon.ts';

/** Reloads soon after an order has changed, once for many changes. What a device reports besides changes no other resource. */
export function useReloadSoon(reload: () => void): void {
  const soon = useSoon(reload);
  useProfileChanges(({ event }) => {
    if (event.type !== 'notification') soon();
  }, reload);
}
