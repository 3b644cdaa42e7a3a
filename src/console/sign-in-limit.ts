// How often an address may fail to sign in. An account is never locked: only whoever guesses waits.

const FAILURES = 10;
const WITHIN_MS = 60_000;
const ADDRESS_LIMIT = 10_000;

export class SignInLimit {
  /** When each address has tried, the oldest first; attempts that succeed are taken back. */
  readonly #attempts = new Map<string, number[]>();

  /**
   * Counts an attempt before its outcome is known, so that many at once cannot slip through.
   * @returns for how many seconds the address must wait, or 0 when it may try
   */
  begin(address: string, now: number): number {
    const recent = (this.#attempts.get(address) ?? []).filter((date) => date > now - WITHIN_MS);
    if (recent.length >= FAILURES) return Math.ceil((recent[0]! + WITHIN_MS - now) / 1000);
    // The address that was quiet for longest is forgotten first.
    this.#attempts.delete(address);
    if (this.#attempts.size >= ADDRESS_LIMIT) {
      this.#attempts.delete(this.#attempts.keys().next().value!);
    }
    this.#attempts.set(address, [...recent, now]);
    return 0;
  }

  succeeded(address: string): void {
    this.#attempts.get(address)?.pop();
  }
}
