import { useEffect, useRef } from 'preact/hooks';
import { useProfileChanges } from './events.ts';

/** Many changes in quick succession cause one reload. */
const SETTLES_MS = 500;

/** Reloads soon after a profile's status has changed, once for many changes. */
export function useReloadSoon(reload: () => void): void {
  const waiting = useRef<ReturnType<typeof setTimeout>>(undefined);
  const latest = useRef(reload);
  latest.current = reload;
  useEffect(() => () => clearTimeout(waiting.current), []);
  useProfileChanges(
    ({ event }) => {
      if (event.type !== 'status' || waiting.current !== undefined) return;
      waiting.current = setTimeout(() => {
        waiting.current = undefined;
        latest.current();
      }, SETTLES_MS);
    },
    () => latest.current(),
  );
}
