// Delivers callbacks from the outbox: claims due ones, taking accounts and receivers in turn, and starts them.
import type { Context } from '../context.ts';
import type { CallbackRow } from '../store/schema.ts';
import { attempt } from './attempt.ts';
import type { AttemptContext } from './attempt.ts';
import { partOf } from '../process/peers.ts';
import { Lookups } from '../outgoing/lookups.ts';
import { PER_RECEIVER, Slots, SLOTS } from '../outgoing/slots.ts';
import type { Place } from '../outgoing/slots.ts';
import { limitedTests } from './test-receiver.ts';
import type { TestReceiver } from './test-receiver.ts';

/** Accounts per claiming transaction. */
const ACCOUNTS_AT_ONCE = 16;
/** Receivers of an account considered per turn; the next turn continues after them. */
const RECEIVERS_AT_ONCE = 64;
/** If an account has no more receivers than this, a turn claims all that each may have, not just one. */
const FEW_RECEIVERS = 8;
/** Longer than any attempt: after this its node is dead, and another may try. */
const LOCK_MS = 60_000;

export interface Deliverer {
  /** Starts due callbacks, as many as there are free slots. @returns whether any was started */
  deliverDue(): Promise<boolean>;
  /** Tests a receiver. */
  test: TestReceiver;
  /** Resolves when all running attempts are finished. */
  drain(): Promise<void>;
}

/** An account whose callbacks are to be claimed, with the slots reserved for them. */
interface Claim {
  account: string;
  places: Map<string, Place>;
}

export function deliverer(
  context: AttemptContext & Pick<Context, 'wake' | 'peers' | 'sids'>,
): Deliverer {
  const { store, transact, wake, peers } = context;
  const perReceiver = partOf(PER_RECEIVER, peers);
  const slots = new Slots({ total: partOf(SLOTS, peers), perReceiver });
  const lookupThreads = Math.max(Math.floor(context.config.threads / 2), 1);
  const lookups = new Lookups(new Slots({ total: lookupThreads, perReceiver: 1 }));
  const running = new Set<Promise<void>>();
  /** Where the walk over the accounts stopped because no slot was left; otherwise ''. */
  let lastAccount = '';
  /** By account, the receiver where the last turn stopped, unless it reached the end. */
  const lastReceiver = new Map<string, string>();

  async function deliverDue(): Promise<boolean> {
    const from = lastAccount;
    let started = await walk(from, undefined);
    if (from !== '') started += await walk('', from);
    if (slots.free > 0) lastAccount = '';
    return started > 0;
  }

  /** Walks the accounts after `after`, up to and including `last`. @returns how many attempts were started */
  async function walk(after: string, last: string | undefined): Promise<number> {
    let started = 0;
    while (slots.free > 0) {
      const date = context.now();
      // Queried outside a transaction: most of the time nothing is due.
      const due = await store.callbacks.dueAccounts(date.toISOString(), after, ACCOUNTS_AT_ONCE);
      const accounts = due.filter((sid) => last === undefined || sid <= last);
      const claims: Claim[] = [];
      try {
        for (const account of accounts) {
          const claim: Claim = { account, places: new Map() };
          claims.push(claim);
          await takePlaces(claim, date);
        }
        started += await claimAll(claims, date);
      } finally {
        for (const { places } of claims) for (const place of places.values()) place.end(false);
      }
      if (accounts.length < ACCOUNTS_AT_ONCE) break;
      after = accounts.at(-1)!;
      lastAccount = after;
    }
    return started;
  }

  /** Reserves slots for an account's due callbacks, taking its receivers in turn. */
  async function takePlaces({ account, places }: Claim, date: Date): Promise<void> {
    if (!slots.hasRoom(account)) return;
    const { receivers, areAll } = await nextReceivers(account, date);
    lastReceiver.delete(account);
    for (const { name, sid } of receivers) {
      const place = slots.take(account, name);
      if (place !== undefined) places.set(sid, place);
      if (!areAll) lastReceiver.set(account, name);
      if (place === undefined || receivers.length > FEW_RECEIVERS) continue;
      const more = await store.callbacks.claimable(account, name, date.toISOString(), perReceiver);
      for (const other of more) {
        const another = places.has(other) ? undefined : slots.take(account, name);
        if (another !== undefined) places.set(other, another);
      }
    }
  }

  /** The receivers after the last one considered, wrapping around at the end. */
  async function nextReceivers(account: string, date: Date) {
    const look = (after: string) =>
      store.callbacks.dueReceivers(account, date.toISOString(), after, RECEIVERS_AT_ONCE);
    const after = lastReceiver.get(account) ?? '';
    let receivers = await look(after);
    let areAll = receivers.length < RECEIVERS_AT_ONCE;
    if (areAll && after !== '') {
      const first = await look('');
      areAll = first.length < RECEIVERS_AT_ONCE;
      receivers = [...receivers, ...first.filter(({ name }) => name <= after)];
    }
    return { receivers, areAll };
  }

  /** Claims callbacks for the reserved slots and starts them. @returns how many */
  async function claimAll(claims: Claim[], date: Date): Promise<number> {
    const wanted = claims.filter(({ places }) => places.size > 0);
    if (wanted.length === 0) return 0;
    const now = date.toISOString();
    const lockedUntil = new Date(date.getTime() + LOCK_MS).toISOString();
    const claimed = await transact(async ({ tables: { callbacks } }) => {
      const rows: CallbackRow[] = [];
      for (const { account, places } of wanted) {
        rows.push(...(await callbacks.claim(account, [...places.keys()], now, lockedUntil)));
      }
      return rows;
    });
    for (const callback of claimed) {
      const { places } = claims.find(({ account }) => account === callback.account_sid)!;
      const place = places.get(callback.sid)!;
      places.delete(callback.sid);
      start(callback, place);
    }
    return claimed.length;
  }

  function start(callback: CallbackRow, place: Place): void {
    const delivery = attempt(callback, lookups, context)
      .catch((error: unknown) => {
        // Its lock expires, and the callback is tried again.
        context.log.error({ err: error, callback: callback.sid }, 'callback not settled');
      })
      .finally(() => {
        running.delete(delivery);
        place.end(true);
        wake('callbacks');
      });
    running.add(delivery);
  }

  return {
    deliverDue,
    test: limitedTests(slots, lookups, context),
    async drain() {
      await Promise.all(running);
    },
  };
}
