// Delivers callbacks from the outbox: claim, send, settle. At least once, and over hours.
import type { Context } from '../context.ts';
import { authTokenOf } from '../profile/account.ts';
import type { CallbackAttemptRow, CallbackRow } from '../store/schema.ts';
import { parseOverrides } from './overrides.ts';
import { pauseBeforeNext } from './schedule.ts';
import type { Outcome } from './send.ts';
import { send } from './send.ts';

/** Attempts under way at the same time, in all and for one receiver: a slow one holds up itself alone. */
const SLOTS = 256;
const SLOTS_PER_RECEIVER = 8;
const RECEIVERS_PER_CLAIM = 32;
/** Longer than an attempt can last: then its node is dead, and another may try. */
const LOCK_MS = 60_000;

export interface Deliverer {
  /** Starts what is due and fits into the free slots. @returns whether anything was started */
  deliverDue(): Promise<boolean>;
  /** Resolves when the attempts under way are settled. */
  drain(): Promise<void>;
}

export function deliverer(context: Context): Deliverer {
  const { store, now } = context;
  const running = new Map<Promise<void>, string>();

  async function deliver(callback: CallbackRow): Promise<void> {
    const account = await store.accounts.find(callback.account_sid);
    if (account === undefined) throw new Error(`no account ${callback.account_sid}`);
    const overrides = parseOverrides(new URL(callback.url));
    const started = now();
    // A node that stood still since it claimed this: it is another's by now.
    if (callback.locked_until! <= started.toISOString()) return;
    const outcome = await send(
      callback,
      authTokenOf(account, context.masterKey),
      overrides,
      context.config.callbackPrivateNetworks,
    );
    const ended = now();
    const attempts = callback.attempts + 1;
    const attempt: CallbackAttemptRow = {
      account_sid: callback.account_sid,
      callback_sid: callback.sid,
      attempt: attempts,
      date_started: started.toISOString(),
      duration_ms: ended.getTime() - started.getTime(),
      status_code: outcome.statusCode ?? null,
      error: outcome.error ?? null,
      response: outcome.response ?? null,
    };
    const pause =
      outcome.failure === undefined
        ? undefined
        : pauseBeforeNext(attempts, outcome.failure, overrides, outcome.retryAfterMs);
    const next = { ...callback, attempts, ...settled(outcome, pause, ended) };
    await store.transaction((tables) => tables.callbacks.settle(callback, attempt, next));
    logOutcome(next, outcome, context);
  }

  async function deliverDue(): Promise<boolean> {
    const claimed = await claim();
    for (const callback of claimed) {
      const delivery = deliver(callback)
        .catch((error: unknown) => {
          // The lock ends by itself, and the callback is tried again.
          context.log.error({ err: error, callback: callback.sid }, 'callback not settled');
        })
        .finally(() => {
          running.delete(delivery);
          context.wake('callbacks');
        });
      running.set(delivery, callback.receiver);
    }
    return claimed.length > 0;
  }

  /** Looked for without a transaction first: most of the time nothing is due. */
  async function claim(): Promise<CallbackRow[]> {
    const date = now();
    const underWay = new Map<string, number>();
    for (const receiver of running.values()) {
      underWay.set(receiver, (underWay.get(receiver) ?? 0) + 1);
    }
    const busy = [...underWay].filter(([, count]) => count >= SLOTS_PER_RECEIVER);
    let free = SLOTS - running.size;
    if (free <= 0) return [];
    const receivers = await store.callbacks.dueReceivers(
      date.toISOString(),
      busy.map(([receiver]) => receiver),
      RECEIVERS_PER_CLAIM,
    );
    if (receivers.length === 0) return [];
    const lockedUntil = new Date(date.getTime() + LOCK_MS).toISOString();
    return store.transaction(async (tables) => {
      const claimed: CallbackRow[] = [];
      for (const receiver of receivers) {
        const limit = Math.min(free, SLOTS_PER_RECEIVER - (underWay.get(receiver) ?? 0));
        if (limit <= 0) continue;
        const due = await tables.callbacks.claimDue(
          receiver,
          date.toISOString(),
          lockedUntil,
          limit,
        );
        free -= due.length;
        claimed.push(...due);
      }
      return claimed;
    });
  }

  return {
    deliverDue,
    async drain() {
      await Promise.all(running.keys());
    },
  };
}

function settled(
  outcome: Outcome,
  pause: number | undefined,
  now: Date,
): Pick<CallbackRow, 'state' | 'next_attempt_at' | 'date_settled'> {
  if (pause !== undefined) {
    const next = new Date(now.getTime() + pause).toISOString();
    return { state: 'pending', next_attempt_at: next, date_settled: null };
  }
  return {
    state: outcome.failure === undefined ? 'delivered' : 'failed',
    next_attempt_at: now.toISOString(),
    date_settled: now.toISOString(),
  };
}

function logOutcome(callback: CallbackRow, outcome: Outcome, { log }: Context): void {
  const fields = {
    callback: callback.sid,
    resource: callback.resource_sid,
    attempt: callback.attempts,
    status: outcome.statusCode,
  };
  if (outcome.failure === undefined) return log.info(fields, 'callback delivered');
  return log.warn(
    { ...fields, error: outcome.error, next: callback.next_attempt_at },
    callback.state === 'failed' ? 'callback given up' : 'callback failed; it is tried again',
  );
}
