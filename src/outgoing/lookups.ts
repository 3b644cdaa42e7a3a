// Resolves the host names of other servers. Each lookup blocks a thread of libuv's small pool until the name servers answer or
// the system gives up, and cannot be cancelled. So the threads are shared among accounts like the slots of attempts.
import dns from 'node:dns';
import type { LookupAddress, LookupOptions } from 'node:dns';
import type { Place, Slots } from './slots.ts';

type Done = (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void;

interface Waiting {
  accountSid: string;
  hostname: string;
  /** The attempt has ended: nobody is waiting any more. */
  ended: AbortSignal;
  run: (place: Place) => void;
}

export class Lookups {
  readonly #slots: Slots;
  #waiting: Waiting[] = [];

  constructor(slots: Slots) {
    this.#slots = slots;
  }

  /** Resolves all addresses of a name when it is this account's turn. */
  resolve(
    accountSid: string,
    hostname: string,
    options: LookupOptions,
    ended: AbortSignal,
    done: Done,
  ): void {
    const run = (place: Place) => {
      dns.lookup(hostname, { ...options, all: true }, (error, addresses) => {
        place.end(true);
        this.#next();
        done(error, addresses);
      });
    };
    this.#waiting.push({ accountSid, hostname, ended, run });
    this.#next();
  }

  #next(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const one of waiting) {
      if (one.ended.aborted) continue;
      const place = this.#slots.take(one.accountSid, one.hostname);
      if (place === undefined) this.#waiting.push(one);
      else one.run(place);
    }
  }
}
