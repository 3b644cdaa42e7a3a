import { useEffect, useRef } from 'preact/hooks';
import { useProfileChanges } from './events.ts';

/** Many changes in quick succession cause one reload. */
const SETTLES_MS = 500;

/** Reloads soon after an order has changed, once for many changes. What a device reports besides changes no other resource. */
export function useReloadSoon(reload: () => void): void {
  const waiting = useRef<ReturnType<typeof setTimeout>>(undefined);
  const latest = useRef(reload);
  latest.current = reload;
  useEffect(() => () => clearTimeout(waiting.current), []);
  useProfileChanges(
    ({ event }) => {
      if (event.type === 'notification' || waiting.current !== undefined) return;
      waiting.current = setTimeout(() => {
        waiting.current = undefined;
        latest.current();
      }, SETTLES_MS);
    },
    () => latest.current(),
  );
}
