import { useEffect, useRef } from 'preact/hooks';
import { useProfileChanges } from './events.ts';

/** Thousands of orders a second are one reason to look again. */
const SETTLES_MS = 500;

/** Looks again soon after the status of a profile has changed, once for many. */
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
