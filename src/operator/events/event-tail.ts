// The newest events of one account, in the order in which this process has learned of them.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ToldEventRow } from '../../store/esim-profile-events.ts';
import type { Store } from '../../store/store.ts';
import { dateOfSid, sidAt } from '../../values/sid.ts';

/**
 * SIDs are in the order of time, but nodes and transactions need not commit in that order. So what was
 * made in the last half minute is looked through again each time: an event may become visible so much
 * later than its SID was made, by the clock of whoever made it, and is still found.
 */
const LATE_MS = 30_000;
/** Events that are read, and told, at once. */
export const BATCH = 100;
/** Rows that are kept for listeners who are a little behind. */
const KEPT_ROWS = 1_000;
/** Before every event. */
export const BEGINNING = sidAt('event', new Date(0));

/** Whoever goes on from here, and drops what was told already, misses nothing that came late. */
export function beforeLate(sid: string): string {
  return sidAt('event', new Date(dateOfSid(sid).getTime() - LATE_MS));
}

export class EventTail {
  readonly #store: Store;
  readonly #accountSid: string;
  /** Nothing is looked for up to here any more. */
  #floor = BEGINNING;
  #newest = BEGINNING;
  /** What was told, or was there at the beginning, after the floor. */
  readonly #told = new Set<string>();
  /** SIDs in the order in which they were told; the first has the position `#first`. */
  #order: string[] = [];
  #first = 0;
  readonly #rows = new Map<string, ToldEventRow>();
  readonly #waiting = new Set<() => void>();
  #changeToken: string | undefined;
  #opened = false;
  #closed = false;

  constructor(store: Store, accountSid: string) {
    this.#store = store;
    this.#accountSid = accountSid;
  }

  /** Every later event has a SID after it. */
  get floor(): string {
    return this.#floor;
  }

  get newest(): string {
    return this.#newest;
  }

  /** The position of the next event. */
  get end(): number {
    return this.#first + this.#order.length;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** What is there now counts as told. */
  async open(): Promise<void> {
    this.#newest = (await this.#store.esimProfileEvents.newestSid(this.#accountSid)) ?? BEGINNING;
    this.#raiseFloor();
    const sids = await this.#store.esimProfileEvents.sids(this.#accountSid, this.#floor);
    for (const sid of sids) this.#told.add(sid);
    this.#newest = sids.at(-1) ?? this.#newest;
    this.#opened = true;
  }

  /** Learns of what has come after the newest. */
  async readNewer(): Promise<void> {
    while (this.#opened && !this.#closed) {
      const range = { after: this.#newest, limit: BATCH };
      const rows = await this.#store.esimProfileEvents.read(this.#accountSid, range);
      this.#tell(rows);
      if (rows.length < BATCH) return;
      await nextTurn();
    }
  }

  /**
   * Learns of everything, also of what has come before the newest.
   * @param changeToken of the store, asked for before
   */
  async read(changeToken: string): Promise<void> {
    if (!this.#opened) return;
    const { end } = this;
    if (changeToken !== this.#changeToken) await this.#readAll();
    this.#changeToken = changeToken;
    // Nothing new for a while: whoever is still behind has it read again.
    if (this.end === end) this.#rows.clear();
    this.#raiseFloor();
  }

  async #readAll(): Promise<void> {
    await this.readNewer();
    const sids = await this.#store.esimProfileEvents.sids(this.#accountSid, this.#floor);
    const late = sids.filter((sid) => sid <= this.#newest && !this.#told.has(sid));
    for (let index = 0; index < late.length; index += BATCH) {
      const some = late.slice(index, index + BATCH);
      this.#tell(await this.#store.esimProfileEvents.find(this.#accountSid, some));
    }
  }

  /** @returns what was told from a position on, and the next; undefined when it lies too far back */
  async from(position: number): Promise<{ rows: ToldEventRow[]; next: number } | undefined> {
    if (position < this.#first) return undefined;
    const sids = this.#order.slice(position - this.#first).slice(0, BATCH);
    const kept = sids.flatMap((sid) => this.#rows.get(sid) ?? []);
    const rows =
      kept.length === sids.length
        ? kept
        : await this.#store.esimProfileEvents.find(this.#accountSid, sids);
    return { rows, next: position + sids.length };
  }

  /** Until there is something at the position, or the signal is aborted, or so long. */
  async wait(position: number, limitMs: number, signal: AbortSignal | undefined): Promise<void> {
    if (position < this.end || this.#closed || signal?.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = () => resolve();
    const timer = setTimeout(wake, Math.max(limitMs, 0));
    this.#waiting.add(wake);
    signal?.addEventListener('abort', wake);
    await promise;
    clearTimeout(timer);
    this.#waiting.delete(wake);
    signal?.removeEventListener('abort', wake);
  }

  close(): void {
    this.#closed = true;
    for (const wake of this.#waiting) wake();
  }

  #tell(rows: ToldEventRow[]): void {
    if (rows.length === 0) return;
    for (const row of rows) {
      this.#told.add(row.sid);
      this.#order.push(row.sid);
      this.#rows.set(row.sid, row);
      if (row.sid > this.#newest) this.#newest = row.sid;
    }
    for (const sid of this.#rows.keys()) {
      if (this.#rows.size <= KEPT_ROWS) break;
      this.#rows.delete(sid);
    }
    for (const wake of this.#waiting) wake();
  }

  /** By the clock of those who write, or by ours if it is behind: a clock that is ahead hides nothing. */
  #raiseFloor(): void {
    const now = sidAt('event', this.#store.now());
    const floor = beforeLate(this.#newest < now ? this.#newest : now);
    if (floor <= this.#floor) return;
    this.#floor = floor;
    for (const sid of this.#told) if (sid <= floor) this.#told.delete(sid);
    const kept = this.#order.findIndex((sid) => sid > floor);
    const forgotten = this.#order.splice(0, kept === -1 ? this.#order.length : kept);
    this.#first += forgotten.length;
  }
}
