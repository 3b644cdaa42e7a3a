// Tells SM-DSs of events: claims what is due and calls, each SM-DS for itself, so that a slow one holds up no other. Any
// node may do it, and may die while it does: its claims end.
import type { Context } from '../../context.ts';
import { allEnded } from '../../store/together.ts';
import { settleEvent } from './settle.ts';
import { smdsClient, smdsLookups } from './smds-client.ts';

/** Concurrent calls to one SM-DS. */
const AT_ONCE = 8;
/** Concurrently, per process. */
const MOST_SMDS = 16;
const TIMEOUTS = { connectMs: 5_000, answerMs: 15_000 };
/** Longer than any call, with every certificate that we have. */
const LOCK_MS = 120_000;

export interface Announcer {
  /** Begins with what is due. */
  settleDue(): Promise<void>;
  /** Breaks off the running calls, which are made again later; no more begin. */
  drain(): Promise<void>;
}

export function announcer(
  context: Pick<
    Context,
    'config' | 'pki' | 'metrics' | 'now' | 'log' | 'store' | 'transact' | 'peers'
  >,
): Announcer {
  // SQLite has one server, so whoever claimed events before this one is dead.
  let mayBeLocked = context.store.kind === 'sqlite' && context.peers.isStart;
  const running = new Map<string, Promise<void>>();
  const ending = new AbortController();
  const lookups = smdsLookups(context.config);

  async function settleDue(): Promise<void> {
    if (mayBeLocked) await context.transact(({ tables }) => tables.smdsEvents.unlockAll());
    mayBeLocked = false;
    const { smdsEvents } = context.store;
    for (let address = ''; ;) {
      const due = await smdsEvents.nextDue(address, context.now().toISOString());
      if (due === undefined || ending.signal.aborted) return;
      if (!running.has(due) && running.size < MOST_SMDS) start(due);
      address = due;
    }
  }

  function start(address: string): void {
    const work = settleAll(address)
      .catch((error: unknown) => {
        // Claims end, and what is due is done again.
        context.log.error({ err: error, smds: address }, 'events were not settled at an SM-DS');
      })
      .finally(() => {
        running.delete(address);
      });
    running.set(address, work);
  }

  async function settleAll(address: string): Promise<void> {
    using client = smdsClient(
      address,
      TIMEOUTS,
      ending.signal,
      { lookups, owner: address },
      context,
    );
    while (!ending.signal.aborted) {
      const now = context.now();
      const lockedUntil = new Date(now.getTime() + LOCK_MS).toISOString();
      const claimed = await context.transact(({ tables }) =>
        tables.smdsEvents.claim(address, now.toISOString(), lockedUntil, AT_ONCE),
      );
      const answered = await allEnded(
        claimed.map((event) => settleEvent(event, lockedUntil, client, context)),
      );
      // One that does not answer is left alone until the next look.
      if (claimed.length === 0 || !answered.includes(true)) return;
    }
  }

  return {
    settleDue,
    async drain() {
      ending.abort();
      await Promise.all(running.values());
    },
  };
}
