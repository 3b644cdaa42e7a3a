// Caches pages that are requested repeatedly while the database does not change.
import type { Store } from '../store/store.ts';
import type { Answer } from './operation.ts';
import { etagOf } from './etag.ts';

const KEPT_BYTES = 16 * 1024 * 1024;
const SEEN_LIMIT = 1024;
/** A longer key has a filter value too long to match anything. */
const KEY_LIMIT = 512;

interface Kept {
  changeToken: string;
  answer: Answer & { body: Buffer };
}

export class AnswerCache {
  readonly #store: Store;
  /** Recently requested keys, oldest first: a page is cached from its second request on. */
  readonly #seen = new Set<string>();
  /** Least recently used first. */
  readonly #kept = new Map<string, Kept>();
  #keptBytes = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  /** @param make renders the body if it is not cached or may have changed */
  async answer(key: string, make: () => Promise<string>): Promise<Answer> {
    if (!this.#seen.has(key)) {
      if (this.#seen.size >= SEEN_LIMIT) this.#seen.delete(this.#seen.values().next().value!);
      if (key.length <= KEY_LIMIT) this.#seen.add(key);
      const body = await make();
      return { status: 200, body, etag: etagOf(body) };
    }
    const changeToken = await this.#store.changeToken();
    const kept = this.#kept.get(key);
    if (kept?.changeToken === changeToken) {
      this.#kept.delete(key);
      this.#kept.set(key, kept);
      return kept.answer;
    }
    // The token is never newer than the body, so a stale body is never served as current.
    const answer = toAnswer(await make());
    this.#keep(key, { changeToken, answer });
    return answer;
  }

  #keep(key: string, kept: Kept): void {
    this.#forget(key);
    this.#kept.set(key, kept);
    this.#keptBytes += kept.answer.body.length;
    for (const oldest of this.#kept.keys()) {
      if (this.#keptBytes <= KEPT_BYTES) break;
      this.#forget(oldest);
    }
  }

  #forget(key: string): void {
    const kept = this.#kept.get(key);
    if (kept === undefined) return;
    this.#keptBytes -= kept.answer.body.length;
    this.#kept.delete(key);
  }
}

function toAnswer(json: string): Answer & { body: Buffer } {
  const body = Buffer.from(json);
  return { status: 200, body, etag: etagOf(body) };
}
