// The newest events of an account, in the order in which this process learned of them.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { dateOfSid, sidAt } from '../../values/sid.ts';
import type { EventSource } from './event-source.ts';

/**
 * SIDs sort by time, but transactions may commit in another order. So events of the last half minute are read again
 * each time: an event that becomes visible this much later than its SID was made is still found.
 */
const LATE_MS = 30_000;
/** Events per batch. */
export const BATCH = 100;
/** Rows kept for listeners that are a little behind. */
const KEPT_ROWS = 1_000;
/** Sorts before every event. */
export const BEGINNING = sidAt('event', new Date(0));

/** A listener that continues from here, and drops known events, misses no late ones. */
export function beforeLate(sid: string): string {
  return sidAt('event', new Date(dateOfSid(sid).getTime() - LATE_MS));
}

export class EventTail<Row extends { sid: string }> {
  readonly #source: EventSource<Row>;
  readonly #accountSid: string;
  /** Events up to here are no longer read again. */
  #floor = BEGINNING;
  #newest = BEGINNING;
  /** Events after the floor that were sent, or existed at the start. */
  readonly #told = new Set<string>();
  /** SIDs in the order of sending; the first has the position `#first`. */
  #order: string[] = [];
  #first = 0;
  readonly #rows = new Map<string, Row>();
  readonly #waiting = new Set<() => void>();
  #changeToken: string | undefined;
  #opened = false;
  #closed = false;

  constructor(source: EventSource<Row>, accountSid: string) {
    this.#source = source;
    this.#accountSid = accountSid;
  }

  /** All later events have greater SIDs. */
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

  /** Existing events count as sent. */
  async open(): Promise<void> {
    this.#newest = (await this.#source.events.newestSid(this.#accountSid)) ?? BEGINNING;
    this.#raiseFloor();
    const sids = await this.#source.events.sids(this.#accountSid, this.#floor);
    for (const sid of sids) this.#told.add(sid);
    this.#newest = sids.at(-1) ?? this.#newest;
    this.#opened = true;
  }

  /** Reads events after the newest. */
  async readNewer(): Promise<void> {
    while (this.#opened && !this.#closed) {
      const range = { after: this.#newest, limit: BATCH };
      const rows = await this.#source.events.read(this.#accountSid, range);
      this.#tell(rows);
      if (rows.length < BATCH) return;
      await nextTurn();
    }
  }

  /**
   * Reads all new events, even ones before the newest.
   * @param changeToken of the store, read before
   */
  async read(changeToken: string): Promise<void> {
    if (!this.#opened) return;
    const { end } = this;
    if (changeToken !== this.#changeToken) await this.#readAll();
    this.#changeToken = changeToken;
    // Nothing new for a while: listeners still behind must read again.
    if (this.end === end) this.#rows.clear();
    this.#raiseFloor();
  }

  async #readAll(): Promise<void> {
    await this.readNewer();
    const sids = await this.#source.events.sids(this.#accountSid, this.#floor);
    const late = sids.filter((sid) => sid <= this.#newest && !this.#told.has(sid));
    for (let index = 0; index < late.length; index += BATCH) {
      const some = late.slice(index, index + BATCH);
      this.#tell(await this.#source.events.find(this.#accountSid, some));
    }
  }

  /** @returns events from a position on, and the next position; undefined if it is too far back */
  async from(position: number): Promise<{ rows: Row[]; next: number } | undefined> {
    if (position < this.#first) return undefined;
    const sids = this.#order.slice(position - this.#first).slice(0, BATCH);
    const kept = sids.flatMap((sid) => this.#rows.get(sid) ?? []);
    const rows =
      kept.length === sids.length ? kept : await this.#source.events.find(this.#accountSid, sids);
    return { rows, next: position + sids.length };
  }

  /** Waits until there is an event at the position, the signal is aborted, or the time is up. */
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

  #tell(rows: Row[]): void {
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

  /** Uses the smaller of the newest SID's time and ours, so a clock that is ahead hides nothing. */
  #raiseFloor(): void {
    const now = sidAt('event', this.#source.now());
    const floor = beforeLate(this.#newest < now ? this.#newest : now);
    if (floor <= this.#floor) return;
    this.#floor = floor;
    for (const sid of this.#told) if (sid <= floor) this.#told.delete(sid);
    const kept = this.#order.findIndex((sid) => sid > floor);
    const forgotten = this.#order.splice(0, kept === -1 ? this.#order.length : kept);
    this.#first += forgotten.length;
  }
}
