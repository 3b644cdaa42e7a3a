import type { EsimProfileRow } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import type { Tell } from './rehearse.ts';

export interface CallbackTeller {
  /** Tells what has become of callbacks since the last look. */
  look(): Promise<void>;
  /** How many have been attempted. */
  readonly seen: number;
  readonly delivered: number;
}

/** Tells the first attempt at each callback about an order. */
export function callbackTeller(
  { account_sid: accountSid, sid }: EsimProfileRow,
  tell: Tell,
  { callbacks }: Pick<Store, 'callbacks'>,
): CallbackTeller {
  const told = new Set<string>();
  let delivered = 0;
  return {
    get seen() {
      return told.size;
    },
    get delivered() {
      return delivered;
    },
    async look() {
      const rows = await callbacks.list(accountSid, { subject: sid, limit: 100 });
      const fresh = rows.filter((row) => row.attempts > 0 && !told.has(row.sid)).toReversed();
      const attempts = await callbacks.attempts(accountSid, ...fresh.map((row) => row.sid));
      for (const row of fresh) {
        const first = attempts.find((one) => one.callback_sid === row.sid);
        if (first === undefined) continue;
        told.add(row.sid);
        const isDelivered = row.state === 'delivered';
        if (isDelivered) delivered++;
        const status = new Map(JSON.parse(row.parameters) as [string, string][]).get('Status');
        const outcome = first.error ?? `answered ${first.status_code}`;
        tell('callback', `${status}: ${outcome} after ${first.duration_ms} ms`, isDelivered);
      }
    },
  };
}
