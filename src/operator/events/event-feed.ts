// A feed of an account's events, of eSIM Profiles or of eUICCs, from any process. However many listen, the database is queried once.
import type { Logger } from 'pino';
import type { Loop } from '../../process/loop.ts';
import { startLoop } from '../../process/loop.ts';
import type { EventRange } from '../../store/esim-profile-events.ts';
import { allEnded } from '../../store/together.ts';
import type { EventSource } from './event-source.ts';
import { BATCH, BEGINNING, beforeLate, EventTail } from './event-tail.ts';

/** How soon events written by another process are noticed. */
const LOOK_MS = 500;
/** After this time without events, a listener gets an empty batch. */
const IDLE_MS = 15_000;

export interface Listening {
  /** SID of the last known event; without it, only new events. */
  after?: string | undefined;
  /** Only events of this eSIM Profile, or eUICC; by default, all of the account. */
  of?: string | undefined;
  /** Ends the listening. */
  signal?: AbortSignal;
}

/** A tail, with its number of listeners. */
interface Held<Row extends { sid: string }> {
  tail: EventTail<Row>;
  opened: Promise<void>;
  listeners: number;
}

export class EventFeed<Row extends { sid: string }> {
  readonly #source: EventSource<Row>;
  readonly #log: Logger;
  readonly #held = new Map<string, Held<Row>>();
  /** Tails to which this process has added events. */
  readonly #woken = new Set<EventTail<Row>>();
  #lookedAt = -Infinity;
  #loop: Loop | undefined;
  #deaf: (() => void) | undefined;
  #closed = false;

  constructor(source: EventSource<Row>, log: Logger) {
    this.#source = source;
    this.#log = log;
  }

  /** Past events, starting a little before `after`: see docs/events.md. */
  history(
    accountSid: string,
    { after = BEGINNING, of, signal }: Listening = {},
  ): AsyncGenerator<Row[]> {
    return this.#read(accountSid, { after: beforeLate(after), of }, signal);
  }

  /**
   * Each event at least once, until the signal is aborted or the feed is closed, starting a little before `after`.
   * @returns batches of events; empty at the start, and after a time without events
   */
  async *listen(accountSid: string, { after, of, signal }: Listening = {}): AsyncGenerator<Row[]> {
    const held = await this.#hold(accountSid);
    const { tail } = held;
    const ended = () => tail.closed || signal?.aborted === true;
    let quietUntil = -Infinity;
    try {
      let from = after === undefined ? undefined : beforeLate(after);
      while (!ended()) {
        // Taken before the history is read, so events missing there come later.
        const { end, floor, newest } = tail;
        if (from !== undefined) {
          const range = { after: from, upTo: newest, of };
          yield* this.#read(accountSid, range, signal);
        }
        from = floor;
        for (let position = end; !ended();) {
          const told = await tail.from(position);
          // A listener that falls behind continues from the history.
          if (told === undefined) break;
          position = told.next;
          const last = told.rows.at(-1);
          if (last === undefined) await tail.wait(position, quietUntil - performance.now(), signal);
          else from = beforeLate(last.sid);
          const rows = told.rows.filter(
            (row) => of === undefined || this.#source.subjectOf(row) === of,
          );
          if (ended() || (rows.length === 0 && performance.now() < quietUntil)) continue;
          yield rows;
          quietUntil = performance.now() + IDLE_MS;
        }
      }
    } finally {
      this.#release(accountSid, held);
    }
  }

  /** Ends all listening. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { tail } of this.#held.values()) tail.close();
    await this.#stop();
  }

  /** Oldest first, in batches. */
  async *#read(
    accountSid: string,
    range: Omit<EventRange, 'limit'>,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Row[]> {
    let { after } = range;
    const ended = () => this.#closed || signal?.aborted === true;
    while (!ended()) {
      const page = { ...range, after, limit: BATCH };
      const rows = await this.#source.events.read(accountSid, page);
      if (rows.length > 0) yield rows;
      if (rows.length < BATCH) return;
      after = rows.at(-1)!.sid;
    }
  }

  async #hold(accountSid: string): Promise<Held<Row>> {
    const held = this.#held.get(accountSid) ?? this.#open(accountSid);
    held.listeners++;
    try {
      await held.opened;
    } catch (error) {
      this.#release(accountSid, held);
      throw error;
    }
    return held;
  }

  #open(accountSid: string): Held<Row> {
    const tail = new EventTail(this.#source, accountSid);
    if (this.#closed) tail.close();
    else this.#start();
    const opened = tail.open().then(() => this.#wake(tail));
    const held = { tail, opened, listeners: 0 };
    this.#held.set(accountSid, held);
    return held;
  }

  #release(accountSid: string, held: Held<Row>): void {
    if (--held.listeners > 0) return;
    this.#woken.delete(held.tail);
    this.#held.delete(accountSid);
    if (this.#held.size === 0) void this.#stop();
  }

  #wake(tail: EventTail<Row>): void {
    this.#woken.add(tail);
    this.#loop?.wake();
  }

  #start(): void {
    this.#loop ??= startLoop('events', LOOK_MS, this.#log, () => this.#look());
    this.#deaf ??= this.#source.onEvents((accountSids) => {
      for (const accountSid of accountSids) {
        const held = this.#held.get(accountSid);
        if (held !== undefined) this.#wake(held.tail);
      }
    });
  }

  async #stop(): Promise<void> {
    const loop = this.#loop;
    this.#loop = undefined;
    this.#deaf?.();
    this.#deaf = undefined;
    await loop?.stop();
  }

  /** Reads this process's events at once, and those of others periodically. */
  async #look(): Promise<boolean> {
    const woken = [...this.#woken];
    this.#woken.clear();
    await allEnded(woken.map((tail) => tail.readNewer()));
    if (woken.length > 0 && performance.now() < this.#lookedAt + LOOK_MS) return false;
    this.#lookedAt = performance.now();
    const changeToken = await this.#source.changeToken();
    await allEnded(Array.from(this.#held.values(), ({ tail }) => tail.read(changeToken)));
    return false;
  }
}
