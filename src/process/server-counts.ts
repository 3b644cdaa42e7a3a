// What is counted once for a server, whichever of its workers a client meets.
import { AttemptLimit } from './attempt-limit.ts';

export interface ServerCounts {
  /** Counts an attempt to sign in. @returns seconds that the address must wait, or 0 */
  beginSignIn(address: string): Promise<number>;
  signedIn(address: string): void;
  /** @returns whether the account may import; not while another import of it is running */
  beginImport(accountSid: string): Promise<boolean>;
  endImport(accountSid: string): void;
}

/** The counts of a server: in its only process, or in the first one, for all of its workers. */
export class OwnCounts implements ServerCounts {
  readonly #signIns = new AttemptLimit();
  /** Accounts with an import running, and in which worker. */
  readonly #imports = new Map<string, number>();

  async beginSignIn(address: string): Promise<number> {
    return this.#signIns.begin(address, performance.now());
  }

  signedIn(address: string): void {
    this.#signIns.succeeded(address);
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
