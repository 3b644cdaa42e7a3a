// What a process takes on at once. Beyond that it refuses, at once and before any work: docs/decisions/0056-backpressure.md.
import type { Logger } from 'pino';
import { Tally } from './tally.ts';
import type { Turns } from './turns.ts';

/**
 * How a call is favoured when there is little room: least what begins new work, then what reads or changes what there
 * is, most what goes on with something that others have begun and wait for.
 */
export type Favour = 'begins' | 'asks' | 'goes on';

/**
 * A call is admitted while less than this share of the limit is in use, and while its account has fewer places than this
 * share of those that are free: so an account alone gets up to a third for what begins, and newcomers find room (as in
 * outgoing/slots.ts). The limit is the most there may be for what goes on, since that is limited by what has begun: to refuse
 * it because all has become slow would only spoil what was spent on it.
 */
const SHARES: Record<Favour, number> = { begins: 1 / 2, asks: 3 / 4, 'goes on': 1 };
/** How long work should take, with all that it waits for. */
const WANTED_MS = 1_000;
/** How often the limit is looked at, and by how much it grows each time. */
const LOOK_MS = 250;
const GROWTH = 1.1;
/** As many can share commits and connections, so that fewer would not make a slow database faster. */
const LEAST = 64;
/** An episode of refusals has ended when there was none for this long. */
const QUIET_MS = 10_000;
/** So that not all come back in the same moment. */
const RETRY_SECONDS = [1, 2, 3] as const;

/** Refused, and nothing was done. */
export class Overloaded extends Error {
  override name = 'Overloaded';
  /** Seconds to wait before the next attempt. */
  readonly retryAfter: number;

  constructor(retryAfter: number) {
    super('More requests have arrived than can be answered in time');
    this.retryAfter = retryAfter;
  }
}

/** Of work that was admitted. */
export interface Place {
  /** Says for whom the work is. Throws `Overloaded`, after leaving, if there is too much for that account. */
  isFor(account: string): void;
  /** Does not leave before this work has ended, which may go on when nobody waits for it any more. */
  keepUntil(work: Promise<unknown>): void;
  /** Calling it again has no effect. */
  leave(): void;
}

export interface AdmissionOptions {
  /** Of the limit. */
  most: number;
  log: Pick<Logger, 'warn' | 'info'>;
  /** In which what was admitted waits for the process's loop. */
  turns: Pick<Turns, 'waits'>;
  /** Milliseconds, monotonic. */
  steady?: () => number;
}

export class Admission {
  readonly #most: number;
  readonly #least: number;
  readonly #log: Pick<Logger, 'warn' | 'info'>;
  readonly #turns: Pick<Turns, 'waits'>;
  readonly #steady: () => number;
  readonly #held = new Tally();
  #limit: number;
  #inUse = 0;
  /** Work that had begun before the limit was last cut says nothing about the new one. */
  #cutAt = -Infinity;
  /** What has happened since the limit was last looked at. */
  #seen: { since: number; ended: number; late: number; ms: number; peak: number };
  #refused = 0;
  #episode: { refused: number; lastAt: number } | undefined;

  constructor({ most, log, turns, steady = () => performance.now() }: AdmissionOptions) {
    this.#most = this.#limit = most;
    this.#least = Math.min(LEAST, most);
    this.#log = log;
    this.#turns = turns;
    this.#steady = steady;
    this.#seen = this.#lookFrom(steady());
  }

  /** For metrics: places there are and in use now, and calls refused since the start. */
  get figures(): { limit: number; inUse: number; refused: number } {
    return { limit: Math.floor(this.#limit), inUse: this.#inUse, refused: this.#refused };
  }

  /** Throws `Overloaded`. */
  enter(favour: Favour): Place {
    const now = this.#steady();
    if (now >= this.#seen.since + LOOK_MS) this.#look(now);
    const limit = favour === 'goes on' ? this.#most : this.#limit;
    if (this.#inUse >= Math.max(1, limit * SHARES[favour])) throw this.#refusal(now);
    // Before it come all that have begun: their calls are done in time whatever begins, and so do not lower the limit.
    if (favour === 'begins' && this.#turns.waits('begins') > WANTED_MS) throw this.#refusal(now);
    this.#inUse++;
    this.#seen.peak = Math.max(this.#seen.peak, this.#inUse);
    return new TakenPlace(favour, now, this.#take, this.#leave);
  }

  readonly #take = (account: string, favour: Favour): void => {
    const held = this.#held.of(account);
    const free = (favour === 'goes on' ? this.#most : this.#limit) - this.#inUse;
    if (held > 0 && held >= free * SHARES[favour]) throw this.#refusal(this.#steady());
    this.#held.add(account);
  };

  readonly #leave = (begun: number, account: string | undefined): void => {
    const now = this.#steady();
    if (begun >= this.#cutAt) {
      const ms = now - begun;
      this.#seen.ended++;
      this.#seen.ms += ms;
      if (ms > WANTED_MS) this.#seen.late++;
    }
    if (now >= this.#seen.since + LOOK_MS) this.#look(now);
    this.#inUse--;
    if (account !== undefined) this.#held.remove(account);
  };

  /**
   * If most work takes too long, there is too much of it at once: as many as were in progress divided by the time that they took
   * is what is done in a second (Little's law), and so what may be in progress. Otherwise the limit grows again.
   */
  #look(now: number): void {
    const { since, ended, late, ms, peak } = this.#seen;
    if (2 * late > ended && peak >= this.#least) {
      this.#limit = Math.max(this.#least, (peak * WANTED_MS * ended) / ms);
      this.#cutAt = now;
    } else {
      // With much in progress, only what has ended in time shows that more can be.
      const isQuiet = 2 * this.#inUse <= this.#limit;
      const looks = isQuiet ? Math.floor((now - since) / LOOK_MS) : Math.min(ended, 1);
      this.#limit = Math.min(this.#most, this.#limit * GROWTH ** looks);
    }
    this.#seen = this.#lookFrom(now);
    this.#endEpisode(now);
  }

  #lookFrom(since: number) {
    return { since, ended: 0, late: 0, ms: 0, peak: this.#inUse };
  }

  #refusal(now: number): Overloaded {
    this.#refused++;
    if (this.#episode === undefined) {
      this.#episode = { refused: 0, lastAt: now };
      this.#log.warn(this.figures, 'too much to do at once; refusing what is beyond it');
    }
    this.#episode.refused++;
    this.#episode.lastAt = now;
    return new Overloaded(RETRY_SECONDS[this.#refused % RETRY_SECONDS.length]!);
  }

  #endEpisode(now: number): void {
    if (this.#episode === undefined || now < this.#episode.lastAt + QUIET_MS) return;
    this.#log.info({ refused: this.#episode.refused }, 'no longer refusing');
    this.#episode = undefined;
  }
}

class TakenPlace implements Place {
  readonly #favour: Favour;
  readonly #begun: number;
  readonly #take: (account: string, favour: Favour) => void;
  readonly #release: (begun: number, account: string | undefined) => void;
  #account: string | undefined;
  #work: Promise<unknown> | undefined;
  #isLeft = false;

  constructor(
    favour: Favour,
    begun: number,
    take: (account: string, favour: Favour) => void,
    release: (begun: number, account: string | undefined) => void,
  ) {
    this.#favour = favour;
    this.#begun = begun;
    this.#take = take;
    this.#release = release;
  }

  isFor(account: string): void {
    try {
      this.#take(account, this.#favour);
      this.#account = account;
    } catch (error) {
      this.leave();
      throw error;
    }
  }

  keepUntil(work: Promise<unknown>): void {
    this.#work = work;
  }

  leave(): void {
    if (this.#isLeft) return;
    this.#isLeft = true;
    const release = () => this.#release(this.#begun, this.#account);
    if (this.#work === undefined) release();
    else this.#work.then(release, release);
  }
}
