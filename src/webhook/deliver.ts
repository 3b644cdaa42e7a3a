// Delivers callbacks from the outbox: claims what is due, each account and receiver in its turn, and starts it.
import type { Context } from '../context.ts';
import type { CallbackRow } from '../store/schema.ts';
import { attempt } from './attempt.ts';
import type { AttemptContext } from './attempt.ts';
import { Lookups } from './lookups.ts';
import { PER_RECEIVER, Slots } from './slots.ts';
import type { Place } from './slots.ts';

/** Accounts whose callbacks are claimed in one transaction. */
const ACCOUNTS_AT_ONCE = 16;
/** Receivers of an account that a turn looks at: the next turn goes on with the next ones. */
const RECEIVERS_AT_ONCE = 64;
/** While an account has no more receivers, all that may be under way for each is claimed, and not one only. */
const FEW_RECEIVERS = 8;
/** Longer than an attempt can last: then its node is dead, and another may try. */
const LOCK_MS = 60_000;

export interface Deliverer {
  /** Starts what is due and fits into the free slots. @returns whether anything was started */
  deliverDue(): Promise<boolean>;
  /** Resolves when the attempts under way are settled. */
  drain(): Promise<void>;
}

/** Callbacks of an account that are to be claimed, and the slots that are taken for them. */
interface Claim {
  account: string;
  places: Map<string, Place>;
}

export function deliverer(context: AttemptContext & Pick<Context, 'wake'>): Deliverer {
  const { store, transact, wake } = context;
  const slots = new Slots();
  const lookupThreads = Math.max(Math.floor(context.config.threads / 2), 1);
  const lookups = new Lookups(new Slots({ total: lookupThreads, perReceiver: 1 }));
  const running = new Set<Promise<void>>();
  /** The account that was looked at last when no slot was left; '' otherwise. */
  let lastAccount = '';
  /** Of each account the receiver that was looked at last, unless it was the last one. */
  const lastReceiver = new Map<string, string>();

  async function deliverDue(): Promise<boolean> {
    const from = lastAccount;
    let started = await walk(from, undefined);
    if (from !== '') started += await walk('', from);
    if (slots.free > 0) lastAccount = '';
    return started > 0;
  }

  /** Looks at the accounts after one, up to and with another. @returns how many attempts were started */
  async function walk(after: string, last: string | undefined): Promise<number> {
    let started = 0;
    while (slots.free > 0) {
      const date = context.now();
      // Looked for without a transaction first: most of the time nothing is due.
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

  /** Takes slots for callbacks of an account that are due, each receiver in its turn. */
  async function takePlaces({ account, places }: Claim, date: Date): Promise<void> {
    if (!slots.hasRoom(account)) return;
    const { receivers, areAll } = await nextReceivers(account, date);
    lastReceiver.delete(account);
    for (const { name, sid } of receivers) {
      const place = slots.take(account, name);
      if (place !== undefined) places.set(sid, place);
      if (!areAll) lastReceiver.set(account, name);
      if (place === undefined || receivers.length > FEW_RECEIVERS) continue;
      const more = await store.callbacks.claimable(account, name, date.toISOString(), PER_RECEIVER);
      for (const other of more) {
        const another = places.has(other) ? undefined : slots.take(account, name);
        if (another !== undefined) places.set(other, another);
      }
    }
  }

  /** The receivers after the one that was looked at last, beginning again after the last of all. */
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

  /** Claims what there are slots for, and starts it. @returns how many */
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
        // The lock ends by itself, and the callback is tried again.
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
    async drain() {
      await Promise.all(running);
    },
  };
}
