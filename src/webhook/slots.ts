// How many may be under way at the same time, and whose: nobody's receivers hold up another's.

/** Attempts in all, in one node. */
const SLOTS = 512;
/** For one receiver of one account; for one that is slow. */
export const PER_RECEIVER = 8;
const PER_SLOW_RECEIVER = 1;
/** Part of what an account may have that its slow receivers share. */
const SLOW_PART = 3 / 4;
/** A receiver that has taken, or is taking, as long as this is slow. */
const SLOW_MS = 1_000;
/** Receivers that are known to be slow; the rest is forgotten. */
const REMEMBERED = 10_000;

/** A slot that is taken. */
export interface Place {
  /** Gives it back. @param used false: nothing was sent, so nothing is learned of the receiver */
  end(used: boolean): void;
}

export class Slots {
  readonly #clock: () => number;
  readonly #total: number;
  readonly #perReceiver: number;
  #taken = 0;
  readonly #ofAccount = new Map<string, number>();
  /** By account and receiver, when each of its attempts began, the oldest first. */
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

  /** Whether an account may have one slot more, if its receivers may. */
  hasRoom(accountSid: string): boolean {
    return (this.#ofAccount.get(accountSid) ?? 0) < this.free;
  }

  /**
   * One slot more for a receiver of an account; undefined: it has as many as it may.
   *
   * An account has no more than are free: one that takes all it can leaves half, two leave a third, and
   * whoever comes next finds room (the dynamic thresholds of Choudhury and Hahne, 1998).
   */
  take(accountSid: string, receiver: string): Place | undefined {
    const count = this.#ofAccount.get(accountSid) ?? 0;
    if (!this.hasRoom(accountSid)) return undefined;
    const key = `${accountSid} ${receiver}`;
    const running = this.#ofReceiver.get(key) ?? new Set();
    const slow = this.#isSlow(key, running);
    if (running.size >= (slow ? PER_SLOW_RECEIVER : this.#perReceiver)) return undefined;
    // What the account may have: what it has, and half of what is left between it and the free.
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
