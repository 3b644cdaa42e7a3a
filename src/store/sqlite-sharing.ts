// What processes know of one another that write to one SQLite database by turns: the workers of a server. SQLite's own
// lock gives the turns; see docs/decisions/0032-workers.md.
import { closeSync, constants, openSync, readSync, rmSync, writeSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from './clock.ts';
import { isBusy } from './sqlite-errors.ts';

/** How long a process waits before it looks again whether the database is free. */
export const LOOK_AGAIN_MS = 1;
/** Who has had all the turns for so long pauses, longer than others need to notice. */
const ALONE_MS = 50;
const PAUSE_MS = 3 * LOOK_AGAIN_MS;

const TIME_LENGTH = 8;

/** Holds the time of the last turn. It means nothing once all processes have ended. */
const timeFileOf = (file: string) => `${file}.time`;

/** To be called before the first of the processes opens the database. */
export function beginSharing(file: string): void {
  rmSync(timeFileOf(file), { force: true });
}

export class SqliteSharing {
  readonly #askVersion: () => unknown;
  readonly #clock: Clock;
  readonly #timeFile: number;
  readonly #time = Buffer.alloc(TIME_LENGTH);
  #lastVersion: number | undefined;
  #aloneSince = performance.now();

  /** @param writing the connection that takes the turns */
  constructor(file: string, writing: DatabaseSync, clock: Clock) {
    const version = writing.prepare('pragma data_version');
    this.#askVersion = () => version.get()?.['data_version'];
    this.#clock = clock;
    this.#timeFile = openSync(timeFileOf(file), constants.O_RDWR | constants.O_CREAT, 0o600);
  }

  /**
   * Grows with each commit of another process that the connection sees; not with its own.
   * @returns undefined while another process repairs what one that has died left behind
   */
  version(): number | undefined {
    try {
      return Number(this.#askVersion());
    } catch (error) {
      if (isBusy(error)) return undefined;
      throw error;
    }
  }

  /** Called when the database is locked, before anything is read: time goes on from where the others have got to. */
  beginTurn(): void {
    const version = this.version();
    if (version === this.#lastVersion) return;
    this.#lastVersion = version;
    this.#aloneSince = performance.now();
    if (readSync(this.#timeFile, this.#time, 0, TIME_LENGTH, 0) < TIME_LENGTH) return;
    // Later than the last one, so that SIDs of the same millisecond are in order.
    this.#clock.notBefore(new Date(this.#time.readDoubleLE() + 1));
  }

  /** Called before the commit. */
  endTurn(): void {
    this.#time.writeDoubleLE(this.#clock.now().getTime());
    try {
      writeSync(this.#timeFile, this.#time, 0, TIME_LENGTH, 0);
    } catch {
      // Of a full disk the database will tell; the machine's clock is right nearly always.
    }
  }

  /** How long to leave the database to others before the next turn. */
  pauseMs(): number {
    const now = performance.now();
    if (now < this.#aloneSince + ALONE_MS) return 0;
    this.#aloneSince = now;
    return PAUSE_MS;
  }

  close(): void {
    closeSync(this.#timeFile);
  }
}
