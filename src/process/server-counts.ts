// What is counted once for a server, whichever of its workers a client meets.
import { networkOf } from './network.ts';
import { RateLimit } from './rate-limit.ts';

/** Accounts are never locked: only the guesser has to wait. */
const SIGN_INS = { units: 10, perMs: 60_000, callers: 10_000 };
/** Tokens of pages cannot be guessed, but trying costs us. */
const INSTALL_PAGES = { units: 300, perMs: 60_000, callers: 10_000 };
const FOUND = 1;
const NOT_FOUND = 10;

export interface ServerCounts {
  /**
   * Counts an attempt before its outcome is known, so that concurrent ones cannot bypass the limit.
   * @returns seconds that the address's network must wait, or 0
   */
  beginSignIn(address: string): Promise<number>;
  /** The attempt does not count. */
  signedIn(address: string): void;
  /** Counts a link as wrong until it is found. @returns seconds that the address's network must wait, or 0 */
  beginInstallPage(address: string): Promise<number>;
  foundInstallPage(address: string): void;
  /** @returns whether the account may import; not while another import of it is running */
  beginImport(accountSid: string): Promise<boolean>;
  endImport(accountSid: string): void;
}

/** The counts of a server: in its only process, or in the first one, for all of its workers. */
export class OwnCounts implements ServerCounts {
  readonly #signIns = new RateLimit(SIGN_INS);
  readonly #installPages = new RateLimit(INSTALL_PAGES);
  /** Accounts with an import running, and in which worker. */
  readonly #imports = new Map<string, number>();

  async beginSignIn(address: string): Promise<number> {
    return this.#signIns.take(networkOf(address), 1);
  }

  signedIn(address: string): void {
    this.#signIns.giveBack(networkOf(address), 1);
  }

  async beginInstallPage(address: string): Promise<number> {
    return this.#installPages.take(networkOf(address), NOT_FOUND);
  }

  foundInstallPage(address: string): void {
    this.#installPages.giveBack(networkOf(address), NOT_FOUND - FOUND);
  }

  async beginImport(accountSid: string, worker = 1): Promise<boolean> {
    if (this.#imports.has(accountSid)) return false;
    this.#imports.set(accountSid, worker);
    return true;
  }

  endImport(accountSid: string): void {
    this.#imports.delete(accountSid);
  }

  /** Ends what a worker that has died was doing. */
  forget(worker: number): void {
    for (const [accountSid, owner] of this.#imports) {
      if (owner === worker) this.#imports.delete(accountSid);
    }
  }
}
