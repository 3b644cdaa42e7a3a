// Delivers from an outbox: claims what is due, taking accounts and receivers in turn, and starts it.
import type { Context } from '../context.ts';
import type { LoopName } from '../process/loop.ts';
import { partOf } from '../process/peers.ts';
import type { Outbox } from '../store/outbox.ts';
import type { AttemptRow, OutboxRow } from '../store/schema.ts';
import type { Transaction } from '../store/store.ts';
import { PER_RECEIVER } from './slots.ts';
import type { Place, Slots } from './slots.ts';

/** Accounts per claiming transaction. */
const ACCOUNTS_AT_ONCE = 16;
/** Receivers of an account considered per turn; the next turn continues after them. */
const RECEIVERS_AT_ONCE = 64;
/** If an account has no more receivers than this, a turn claims all that each may have, not just one. */
const FEW_RECEIVERS = 8;
/** Longer than any attempt: after this its node is dead, and another may try. */
const LOCK_MS = 60_000;

/** An outbox, and how what is in it is sent. */
export interface Delivery<Row extends OutboxRow> {
  /** Which is woken when there is more to deliver. */
  loop: LoopName;
  outboxOf: (tables: Transaction) => Outbox<Row, AttemptRow>;
  slots: Slots;
  /** Sends a claimed row, and settles it. It must end well before the claim does. */
  attempt: (row: Row) => Promise<void>;
}

export interface Deliverer {
  /** Starts what is due, as much as there are free slots. @returns whether anything was started */
  deliverDue(): Promise<boolean>;
  /** Unlocks what others have claimed, who are known to be dead. */
  unlock(): Promise<void>;
  /** Resolves when all running attempts are finished. */
  drain(): Promise<void>;
}

/** An account whose rows are to be claimed, with the slots reserved for them. */
interface Claim {
  account: string;
  places: Map<string, Place>;
}

type DeliveryContext = Pick<Context, 'store' | 'transact' | 'wake' | 'peers' | 'now' | 'log'>;

export function deliverer<Row extends OutboxRow>(
  { loop, outboxOf, slots, attempt }: Delivery<Row>,
  context: DeliveryContext,
): Deliverer {
  const { store, transact, wake, peers, log } = context;
  const outbox = outboxOf(store);
  const perReceiver = partOf(PER_RECEIVER, peers);
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
      const due = await outbox.dueAccounts(date.toISOString(), after, ACCOUNTS_AT_ONCE);
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

  /** Reserves slots for what is due of an account, taking its receivers in turn. */
  async function takePlaces({ account, places }: Claim, date: Date): Promise<void> {
    if (!slots.hasRoom(account)) return;
    const { receivers, areAll } = await nextReceivers(account, date);
    lastReceiver.delete(account);
    for (const { name, sid } of receivers) {
      const place = slots.take(account, name);
      if (place !== undefined) places.set(sid, place);
      if (!areAll) lastReceiver.set(account, name);
      if (place === undefined || receivers.length > FEW_RECEIVERS) continue;
      const more = await outbox.claimable(account, name, date.toISOString(), perReceiver);
      for (const other of more) {
        const another = places.has(other) ? undefined : slots.take(account, name);
        if (another !== undefined) places.set(other, another);
      }
    }
  }

  /** The receivers after the last one considered, wrapping around at the end. */
  async function nextReceivers(account: string, date: Date) {
    const look = (after: string) =>
      outbox.dueReceivers(account, date.toISOString(), after, RECEIVERS_AT_ONCE);
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

  /** Claims rows for the reserved slots and starts them. @returns how many */
  async function claimAll(claims: Claim[], date: Date): Promise<number> {
    const wanted = claims.filter(({ places }) => places.size > 0);
    if (wanted.length === 0) return 0;
    const now = date.toISOString();
    const lockedUntil = new Date(date.getTime() + LOCK_MS).toISOString();
    const claimed = await transact(async ({ tables }) => {
      const rows: Row[] = [];
      for (const { account, places } of wanted) {
        rows.push(...(await outboxOf(tables).claim(account, [...places.keys()], now, lockedUntil)));
      }
      return rows;
    });
    for (const row of claimed) {
      const { places } = claims.find(({ account }) => account === row.account_sid)!;
      const place = places.get(row.sid)!;
      places.delete(row.sid);
      start(row, place);
    }
    return claimed.length;
  }

  function start(row: Row, place: Place): void {
    const delivery = attempt(row)
      .catch((error: unknown) => {
        // Its lock expires, and it is tried again.
        log.error({ err: error, sid: row.sid }, `an attempt of the ${loop} loop was not settled`);
      })
      .finally(() => {
        running.delete(delivery);
        place.end(true);
        wake(loop);
      });
    running.add(delivery);
  }

  return {
    deliverDue,
    unlock: () => transact(({ tables }) => outboxOf(tables).unlockAll()),
    async drain() {
      await Promise.all(running);
    },
  };
}
