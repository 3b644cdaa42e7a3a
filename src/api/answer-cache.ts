// Caches pages that are requested repeatedly while the database does not change.
import { LimitedMemory } from '../process/limited-memory.ts';
import type { Store } from '../store/store.ts';
import type { Answer } from './operation.ts';
import { etagOf } from './etag.ts';

const KEPT_BYTES = 16 * 1024 * 1024;
const SEEN_PLACES = 1024;
/** A longer key has a filter value too long to match anything. */
const KEY_LIMIT = 512;

interface Kept {
  changeToken: string;
  answer: Answer & { body: Buffer };
}

export class AnswerCache {
  readonly #store: Store;
  /** Hashes of recently requested keys: a page is cached from its second request on. */
  readonly #seen = new Int32Array(SEEN_PLACES);
  readonly #kept = new LimitedMemory<Kept>(Infinity, KEPT_BYTES);

  constructor(store: Store) {
    this.#store = store;
  }

  /** @param make renders the body if it is not cached or may have changed */
  async answer(key: string, make: () => Promise<string>): Promise<Answer> {
    if (key.length > KEY_LIMIT || !this.#isSeen(key)) {
      const body = await make();
      return { status: 200, body, etag: etagOf(body) };
    }
    const changeToken = await this.#store.changeToken();
    const kept = this.#kept.get(key);
    if (kept?.changeToken === changeToken) return kept.answer;
    // The token is never newer than the body, so a stale body is never served as current.
    const answer = toAnswer(await make());
    this.#kept.set(key, { changeToken, answer }, answer.body.length);
    return answer;
  }

  /** Whether this key, or one with the same hash, was requested recently. Nothing of it is kept but its hash. */
  #isSeen(key: string): boolean {
    const hash = hashOf(key);
    const place = hash & (SEEN_PLACES - 1);
    const isSeen = this.#seen[place] === hash;
    this.#seen[place] = hash;
    return isSeen;
  }
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5 | 0;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return hash;
}

function toAnswer(json: string): Answer & { body: Buffer } {
  const body = Buffer.from(json);
  return { status: 200, body, etag: etagOf(body) };
}
