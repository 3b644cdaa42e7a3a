// Claims eUICCs for whose IPAs something is due, and sends it: accounts in turn, each device for itself, so that one that is slow or
// hangs holds up no other. Any node may do it, and may die while it does: its claims end.
import type { Context } from '../../context.ts';
import { partOf } from '../../process/peers.ts';
import { Slots } from '../../outgoing/slots.ts';
import type { Place } from '../../outgoing/slots.ts';
import type { EimInjectionRow } from '../../store/schema.ts';
import type { InjectContext } from './inject.ts';
import { CLAIM_MS, inject } from './inject.ts';

/** IPAs that are called at once. */
const MOST_IPAS = 256;
/** Claimed in one transaction. */
const AT_ONCE = 32;

export interface Injector {
  /** Begins with what is due, as much as there is room for. */
  injectDue(): Promise<void>;
  /** Breaks off the running calls, which are made again later; no more begin. */
  drain(): Promise<void>;
}

export function injector(
  context: InjectContext & Pick<Context, 'peers' | 'wake'>,
  most = MOST_IPAS,
): Injector {
  const { store, transact, now, log, peers, wake } = context;
  const slots = new Slots({ total: partOf(most, peers), perReceiver: 1 });
  const running = new Set<Promise<void>>();
  const ending = new AbortController();
  // SQLite has one server, so whoever held claims before this one is dead.
  let mayBeLocked = store.kind === 'sqlite' && peers.isStart;

  async function injectDue(): Promise<void> {
    if (mayBeLocked) {
      await transact(({ tables }) => tables.eimInjections.unlockAll(now().toISOString()));
    }
    mayBeLocked = false;
    for (let account = ''; ;) {
      const next = await store.eimInjections.nextDueAccount(account, now().toISOString());
      if (next === undefined || ending.signal.aborted) return;
      await begin(next);
      account = next;
    }
  }

  async function begin(account: string): Promise<void> {
    if (!slots.hasRoom(account)) return;
    const date = now();
    const due = await store.eimInjections.due(account, date.toISOString(), AT_ONCE);
    const places = new Map<string, Place>();
    for (const eid of due) {
      const place = slots.take(account, eid);
      if (place !== undefined) places.set(eid, place);
    }
    try {
      if (places.size === 0) return;
      const lockedUntil = new Date(date.getTime() + CLAIM_MS).toISOString();
      const claimed = await transact(({ tables }) =>
        tables.eimInjections.claim([...places.keys()], date.toISOString(), lockedUntil),
      );
      for (const row of claimed) {
        start(row, lockedUntil, places.get(row.eid)!);
        places.delete(row.eid);
      }
    } finally {
      for (const place of places.values()) place.end(false);
    }
  }

  function start(row: EimInjectionRow, lockedUntil: string, place: Place): void {
    const work = inject(row, lockedUntil, context, ending.signal)
      .catch((error: unknown) => {
        // Its claim ends, and it is done again.
        log.error({ err: error, eid: row.eid }, 'what waits for an IPA was not settled');
      })
      .finally(() => {
        running.delete(work);
        place.end(true);
        if (!ending.signal.aborted) wake('injection');
      });
    running.add(work);
  }

  return {
    injectDue,
    async drain() {
      ending.abort();
      await Promise.all(running);
    },
  };
}
