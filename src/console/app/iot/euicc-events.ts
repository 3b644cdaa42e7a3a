// What happens to the eUICCs of the account, as it happens.
import { eventStreamOf, useChanges } from '../event-stream.ts';
import type { EventStream } from '../event-stream.ts';
import { useSoon } from '../use-soon.ts';
import type { Euicc, EuiccEvent, EuiccOperation } from './types.ts';

export interface EuiccChange {
  event: EuiccEvent;
  /** As far as they are still there. */
  euicc: Euicc | null;
  operation: EuiccOperation | null;
}

export const euiccStream = eventStreamOf<EuiccChange>(
  '/v1/EuiccEvents',
  'euicc',
  ({ event }) => event.account_sid,
);

/** Longer than it takes to go from one page to another. */
const LINGERS_MS = 2_000;
let listening = 0;
let leaving: ReturnType<typeof setTimeout> | undefined;

/** Connected only as long as somebody listens: other pages need no second connection. */
const onDemand: Pick<EventStream<EuiccChange>, 'listen'> = {
  listen(listener) {
    const end = euiccStream.listen(listener);
    clearTimeout(leaving);
    listening++;
    if (euiccStream.state.get() === 'off') euiccStream.open();
    return () => {
      end();
      listening--;
      clearTimeout(leaving);
      leaving = setTimeout(() => {
        if (listening === 0) euiccStream.close();
      }, LINGERS_MS);
    };
  },
};

/** Reloads soon after what is of concern has changed, once for many changes. */
export function useEuiccChanges(
  isOfConcern: (change: EuiccChange) => boolean,
  reload: () => void,
): void {
  const soon = useSoon(reload);
  useChanges(onDemand, (change) => void (isOfConcern(change) && soon()), reload);
}
