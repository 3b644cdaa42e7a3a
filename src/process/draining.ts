// Before a server stops: it says so to whoever checks it, and serves until they send nobody any more.
import { setTimeout as sleep } from 'node:timers/promises';

export class Draining {
  #hasBegun = false;

  /** From then on, no connection is kept after its response. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  async run(ms: number): Promise<void> {
    if (ms === 0) return;
    this.#hasBegun = true;
    await sleep(ms);
  }
}
