// Delivers callbacks from the outbox: claims what is due, each account and receiver in its turn, and starts it.
import type { Context } from '../context.ts';
import type { CallbackRow } from '../store/schema.ts';
import { attempt } from './attempt.ts';
import { Slots } from './slots.ts';
import type { Place } from './slots.ts';

/** Accounts whose callbacks are claimed in one transaction, and receivers of each. */
const ACCOUNTS_AT_ONCE = 16;
const RECEIVERS_AT_ONCE = 8;
/** Receivers of an account that a turn looks at: the next turn goes on with the next ones. */
const RECEIVERS_LOOKED_AT = 64;
/** Longer than an attempt can last: then its node is dead, and another may try. */
const LOCK_MS = 60_000;

export interface Deliverer {
  /** Starts what is due and fits into the free slots. @returns whether anything was started */
  deliverDue(): Promise<boolean>;
  /** Resolves when the attempts under way are settled. */
  drain(): Promise<void>;
}

/** Slots that are taken for a receiver before it is known how many callbacks they are for. */
interface Claim {
  account: string;
  receiver: string;
  places: Place[];
}

export function deliverer(context: Context): Deliverer {
  const { store, now } = context;
  const slots = new Slots();
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
      const date = now();
      // Looked for without a transaction first: most of the time nothing is due.
      const due = await store.callbacks.dueAccounts(date.toISOString(), after, ACCOUNTS_AT_ONCE);
      const accounts = due.filter((sid) => last === undefined || sid <= last);
      const claims: Claim[] = [];
      try {
        for (const account of accounts) claims.push(...(await takePlaces(account, date)));
        if (claims.length > 0) started += await claim(claims, date);
      } finally {
        for (const { places } of claims) for (const place of places) place.end(false);
      }
      if (accounts.length < ACCOUNTS_AT_ONCE) break;
      after = accounts.at(-1)!;
      lastAccount = after;
    }
    return started;
  }

  /** Slots for receivers of an account that callbacks are due for, each in its turn. */
  async function takePlaces(account: string, date: Date): Promise<Claim[]> {
    if (!slots.hasRoom(account)) return [];
    const look = (after: string) =>
      store.callbacks.dueReceivers(account, date.toISOString(), after, RECEIVERS_LOOKED_AT);
    const after = lastReceiver.get(account) ?? '';
    const receivers = await look(after);
    let isAll = receivers.length < RECEIVERS_LOOKED_AT;
    if (isAll && after !== '') {
      receivers.push(...(await look('')));
      isAll = receivers.length < RECEIVERS_LOOKED_AT;
    }
    lastReceiver.delete(account);
    const claims: Claim[] = [];
    for (const receiver of receivers) {
      const places: Place[] = [];
      for (let place; (place = slots.take(account, receiver)) !== undefined;) places.push(place);
      if (places.length > 0) claims.push({ account, receiver, places });
      const isEnough = claims.length === RECEIVERS_AT_ONCE;
      if (isEnough || !isAll) lastReceiver.set(account, receiver);
      if (isEnough) break;
    }
    return claims;
  }

  /** Claims as many callbacks as there are places, and starts them. @returns how many */
  async function claim(claims: Claim[], date: Date): Promise<number> {
    const lockedUntil = new Date(date.getTime() + LOCK_MS).toISOString();
    const claimed = await store.transaction(async ({ callbacks }) => {
      const rows: CallbackRow[][] = [];
      for (const { account, receiver, places } of claims) {
        rows.push(
          await callbacks.claimDue(
            account,
            receiver,
            date.toISOString(),
            lockedUntil,
            places.length,
          ),
        );
      }
      return rows;
    });
    claims.forEach(({ places }, index) => {
      for (const callback of claimed[index]!) start(callback, places.pop()!);
    });
    return claimed.flat().length;
  }

  function start(callback: CallbackRow, place: Place): void {
    const delivery = attempt(callback, context)
      .catch((error: unknown) => {
        // The lock ends by itself, and the callback is tried again.
        context.log.error({ err: error, callback: callback.sid }, 'callback not settled');
      })
      .finally(() => {
        running.delete(delivery);
        place.end(true);
        context.wake('callbacks');
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
