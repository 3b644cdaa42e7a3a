// Limits failed sign-ins per address. Accounts are never locked: only the guesser has to wait.

const FAILURES = 10;
const WITHIN_MS = 60_000;
const ADDRESS_LIMIT = 10_000;

export class AttemptLimit {
  /** Times of attempts by address, oldest first; successful ones are removed. */
  readonly #attempts = new Map<string, number[]>();

  /**
   * Counts an attempt before its outcome is known, so concurrent ones cannot bypass the limit.
   * @returns seconds that the address must wait, or 0
   */
  begin(address: string, now: number): number {
    const recent = (this.#attempts.get(address) ?? []).filter((date) => date > now - WITHIN_MS);
    if (recent.length >= FAILURES) return Math.ceil((recent[0]! + WITHIN_MS - now) / 1000);
    // The address with the oldest last attempt is dropped first.
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
