import { useEffect, useState } from 'preact/hooks';
import { profileStream } from '../events.ts';
import { euiccStream } from '../iot/euicc-events.ts';
import { useStore } from '../store.ts';
import { Icon } from './icon.tsx';

/** A shorter interruption is not worth a banner. */
const PATIENCE_MS = 2_000;

/** Warns when the page may be out of date. */
export function StreamBanner() {
  const states = [useStore(profileStream.state), useStore(euiccStream.state)];
  const lost = states.includes('lost');
  const [shown, setShown] = useState(false);
  useEffect(() => {
    if (!lost) return setShown(false);
    const timer = setTimeout(() => setShown(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [lost]);
  return (
    <div role="status" class="stream-status">
      {shown && (
        <p class="banner">
          <Icon name="warning" />
          No live updates: the server cannot be reached. Trying again…
        </p>
      )}
    </div>
  );
}
