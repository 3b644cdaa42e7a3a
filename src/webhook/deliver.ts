// Delivers callbacks from their outbox, and tests receivers within the same limits.
import type { Context } from '../context.ts';
import { deliverer } from '../outgoing/deliver.ts';
import type { Deliverer } from '../outgoing/deliver.ts';
import { Lookups } from '../outgoing/lookups.ts';
import { PER_RECEIVER, Slots, SLOTS } from '../outgoing/slots.ts';
import { partOf } from '../process/peers.ts';
import { attempt } from './attempt.ts';
import type { AttemptContext } from './attempt.ts';
import { limitedTests } from './test-receiver.ts';
import type { TestReceiver } from './test-receiver.ts';

export interface CallbackDeliverer extends Deliverer {
  /** Tests a receiver. */
  test: TestReceiver;
}

export function callbackDeliverer(
  context: AttemptContext & Pick<Context, 'wake' | 'peers' | 'sids'>,
): CallbackDeliverer {
  const { peers } = context;
  const perReceiver = partOf(PER_RECEIVER, peers);
  const slots = new Slots({ total: partOf(SLOTS, peers), perReceiver });
  const lookupThreads = Math.max(Math.floor(context.config.threads / 2), 1);
  const lookups = new Lookups(new Slots({ total: lookupThreads, perReceiver: 1 }));
  const delivering = deliverer(
    {
      loop: 'callbacks',
      outboxOf: ({ callbacks }) => callbacks,
      slots,
      attempt: (callback) => attempt(callback, lookups, context),
    },
    context,
  );
  return { ...delivering, test: limitedTests(slots, lookups, context) };
}
