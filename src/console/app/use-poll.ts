import { useEffect, useRef } from 'preact/hooks';

const POLL_MS = 1_000;

/** Loads again and again while something is running and nothing is loading, for what the event stream does not tell of. */
export function usePoll(isDue: boolean, reload: () => void, afterMs = POLL_MS): void {
  const latest = useRef(reload);
  latest.current = reload;
  useEffect(() => {
    if (!isDue) return undefined;
    let timer: ReturnType<typeof setTimeout>;
    // Nobody looks at a page that is hidden.
    const look = () => {
      if (document.visibilityState === 'visible') latest.current();
      else timer = setTimeout(look, afterMs);
    };
    timer = setTimeout(look, afterMs);
    return () => clearTimeout(timer);
  }, [isDue, afterMs]);
}
