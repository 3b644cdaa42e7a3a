// Delivers reports of progress to operators from their outbox, apart from callbacks, so that neither holds up the other.
import type { Context } from '../context.ts';
import { deliverer } from '../outgoing/deliver.ts';
import type { Deliverer } from '../outgoing/deliver.ts';
import { Lookups } from '../outgoing/lookups.ts';
import { PER_RECEIVER, Slots } from '../outgoing/slots.ts';
import { partOf } from '../process/peers.ts';
import { attempt } from './attempt.ts';
import type { AttemptContext } from './attempt.ts';
import { OperatorPeers } from './peers.ts';

/** Concurrent attempts per server; those of all operators of one account are at most half of them. */
const SLOTS = 128;

export function progressDeliverer(
  context: AttemptContext & Pick<Context, 'pki' | 'peers' | 'wake'>,
): Deliverer {
  const { config, peers } = context;
  const slots = new Slots({
    total: partOf(SLOTS, peers),
    perReceiver: partOf(PER_RECEIVER, peers),
  });
  const lookupThreads = Math.max(Math.floor(config.threads / 4), 1);
  const lookups = new Lookups(new Slots({ total: lookupThreads, perReceiver: 1 }));
  const operators = new OperatorPeers(lookups, context);
  const delivering = deliverer(
    {
      loop: 'progress',
      outboxOf: ({ progressReports }) => progressReports,
      slots,
      attempt: (report) => attempt(report, operators, context),
    },
    context,
  );
  return {
    ...delivering,
    async drain() {
      await delivering.drain();
      operators.close();
    },
  };
}
