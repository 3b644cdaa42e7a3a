// Limits concurrent work and shares it among accounts, so no account's receivers hold up another's.

/** Concurrent attempts per server. */
export const SLOTS = 512;
/** For one receiver of an account; fewer for a slow one. */
export const PER_RECEIVER = 8;
const PER_SLOW_RECEIVER = 1;
/** The share of an account's limit that its slow receivers may use together. */
const SLOW_PART = 3 / 4;
/** A receiver whose last attempt took, or whose current one is taking, this long is slow. */
const SLOW_MS = 1_000;
/** Maximum number of slow receivers remembered. */
const REMEMBERED = 10_000;

/** A slot in use. */
export interface Place {
  /** Releases it. @param used false: nothing was sent, so nothing was learned about the receiver */
  end(used: boolean): void;
}

export class Slots {
  readonly #clock: () => number;
  readonly #total: number;
  readonly #perReceiver: number;
  #taken = 0;
  readonly #ofAccount = new Map<string, number>();
  /** By account and receiver, when each running attempt began, oldest first. */
  readonly #ofReceiver = new Map<string, Set<{ since: number }>>();
  readonly #slow = new Set<string>();

  /** @param clock milliseconds */
  constructor({
    total = SLOTS,
    perReceiver = PER_RECEIVER,
    clock = () => performance.now(),
  }: { total?: number; perReceiver?: number; clock?: () => number } = {}) {
    this.#total = total;
    this.#perReceiver = perReceiver;
    this.#clock = clock;
  }

  get free(): number {
    return this.#total - this.#taken;
  }

  /** Whether an account may take another slot, subject to the limits of its receivers. */
  hasRoom(accountSid: string): boolean {
    return (this.#ofAccount.get(accountSid) ?? 0) < this.free;
  }

  /**
   * Takes a slot for a receiver of an account; undefined if a limit is reached.
   *
   * An account may hold no more slots than are free: one account at its limit leaves half, two leave a third, so a
   * newcomer always finds room (the dynamic thresholds of Choudhury and Hahne, 1998).
   */
  take(accountSid: string, receiver: string): Place | undefined {
    const count = this.#ofAccount.get(accountSid) ?? 0;
    if (!this.hasRoom(accountSid)) return undefined;
    const key = `${accountSid} ${receiver}`;
    const running = this.#ofReceiver.get(key) ?? new Set();
    const slow = this.#isSlow(key, running);
    if (running.size >= (slow ? PER_SLOW_RECEIVER : this.#perReceiver)) return undefined;
    // The account's limit is where its count meets the number of free slots: halfway between them.
    if (slow && count >= SLOW_PART * ((count + this.free) / 2)) return undefined;

    const attempt = { since: this.#clock() };
    running.add(attempt);
    this.#ofReceiver.set(key, running);
    this.#ofAccount.set(accountSid, count + 1);
    this.#taken++;
    return {
      end: (used) => {
        if (!running.delete(attempt)) return;
        if (running.size === 0) this.#ofReceiver.delete(key);
        const left = this.#ofAccount.get(accountSid)! - 1;
        if (left === 0) this.#ofAccount.delete(accountSid);
        else this.#ofAccount.set(accountSid, left);
        this.#taken--;
        if (used) this.#learn(key, this.#clock() - attempt.since >= SLOW_MS);
      },
    };
  }

  #isSlow(key: string, running: ReadonlySet<{ since: number }>): boolean {
    if (this.#slow.has(key)) return true;
    const [oldest] = running;
    return oldest !== undefined && this.#clock() - oldest.since >= SLOW_MS;
  }

  #learn(key: string, slow: boolean): void {
    this.#slow.delete(key);
    if (!slow) return;
    this.#slow.add(key);
    if (this.#slow.size > REMEMBERED) this.#slow.delete(this.#slow.values().next().value!);
  }
}
