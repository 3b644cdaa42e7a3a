// Requests that were denied: counted, and entered together after a while, so that nobody can make us keep a row for each.
import type { Act, Actor } from '../process/request-scope.ts';
import type { Transact } from '../unit.ts';
import { OF_SERVER } from './entry.ts';

/** Of callers that are known; others are entered together. */
const KINDS_LIMIT = 50;
const ADDRESSES_LIMIT = 5;
const KNOWN_EVERY_MS = 60_000;
/** A stranger can do this as often as it likes. */
const STRANGERS_EVERY_MS = 60 * 60 * 1_000;

interface Denials {
  act: Act;
  accountSid: string;
  subject: string;
  count: number;
  addresses: Set<string>;
  why: string;
}

export class DeniedRequests {
  #known = new Map<string, Denials>();
  #strangers: Denials | undefined;
  #knownAt = -Infinity;
  #strangersAt = -Infinity;

  /** A caller that is known, and may not do it. */
  refused(
    operation: string,
    caller: { accountSid: string; by: Actor },
    address: string,
    why: string,
  ): void {
    const { accountSid, by } = caller;
    const key = JSON.stringify([operation, by]);
    const isFull = this.#known.size >= KINDS_LIMIT && !this.#known.has(key);
    const others = { operation: 'several', by: { type: 'server' } } as const;
    const kind = isFull ? 'others' : key;
    const found = this.#known.get(kind) ?? {
      act: isFull ? others : { operation, by },
      accountSid: isFull ? OF_SERVER : accountSid,
      subject: 'requests',
      count: 0,
      addresses: new Set(),
      why: isFull ? 'requests of several callers that may not do what they asked for' : why,
    };
    count(found, address);
    this.#known.set(kind, found);
  }

  /** A caller that nobody knows. */
  unknown(address: string): void {
    this.#strangers ??= {
      act: { operation: 'authentication', by: { type: 'server' } },
      accountSid: OF_SERVER,
      subject: 'requests',
      count: 0,
      addresses: new Set(),
      why: 'requests with wrong credentials, or none',
    };
    count(this.#strangers, address);
  }

  /** Enters what was counted, if it is time. @param now of a steady clock; Infinity: it is */
  async enter(transact: Transact, now: number): Promise<void> {
    const due: Denials[] = [];
    if (now >= this.#knownAt + KNOWN_EVERY_MS && this.#known.size > 0) {
      due.push(...this.#known.values());
      this.#known = new Map();
      this.#knownAt = now;
    }
    if (now >= this.#strangersAt + STRANGERS_EVERY_MS && this.#strangers !== undefined) {
      due.push(this.#strangers);
      this.#strangers = undefined;
      this.#strangersAt = now;
    }
    if (due.length === 0) return;
    await transact(async ({ audit }) => {
      for (const { act, accountSid, subject, count: requests, addresses, why } of due) {
        const after = { requests, addresses: [...addresses], why };
        await audit(accountSid, { subject, after }, { act, outcome: 'denied' });
      }
    });
  }
}

function count(denials: Denials, address: string): void {
  denials.count++;
  if (denials.addresses.size < ADDRESSES_LIMIT) denials.addresses.add(address);
}
