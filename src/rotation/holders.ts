// The processes that serve with a database, as far as the rotation of the master key is concerned: each says which keys it has and
// with which one it seals, and follows what the database says about them.
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Logger } from 'pino';
import { shortKeyId } from '../process/keys.ts';
import type { MasterKey } from '../process/keys.ts';
import type { KeyHolderRow } from '../store/schema.ts';
import type { Store } from '../store/store.ts';
import type { Transact } from '../unit.ts';
import { otherThan, parseRing, RING } from './ring.ts';
import type { Ring } from './ring.ts';

const SAY_EVERY_MS = 30_000;
/** A process that was not seen for so long does not serve any more. */
const SEEN_WITHIN_MS = 90_000;
const FORGOTTEN_MS = 24 * 60 * 60 * 1_000;
/** How often a command is asked whether it has the next key now. */
const ASK_AGAIN_MS = 10_000;

interface HolderContext {
  store: Store;
  transact: Transact;
  masterKey: MasterKey;
  log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Asks again for the keys that the settings give, where that takes a while; undefined: they are what they were. */
  askAgain?: (() => Promise<string>) | undefined;
}

/** This process. */
export class KeyHolder {
  readonly #context: HolderContext;
  readonly #id = randomUUID();
  /** What the database said last of its keys. */
  #ring: string | undefined;
  #said = '';
  #sayAgainAt = -Infinity;
  #askAgainAt = -Infinity;
  #told = '';

  constructor(context: HolderContext) {
    this.#context = context;
  }

  /** Follows the database. Throws `StoreUnavailable`, `StoreMismatch`. */
  async look(): Promise<void> {
    const { store, masterKey } = this.#context;
    const text = await store.settings.find(RING);
    const ring = text === undefined ? undefined : parseRing(text);
    if (ring !== undefined && text !== this.#ring) this.#follow(ring);
    this.#ring = text;
    const next = ring?.next?.id;
    if (next !== undefined && !masterKey.has(next)) await this.#ask(next);
    await this.#say();
  }

  /** Says that this process serves no more. */
  async leave(): Promise<void> {
    await this.#context.transact(({ tables }) => tables.masterKeys.leave(this.#id));
  }

  #follow(ring: Ring): void {
    const { masterKey, log } = this.#context;
    const before = masterKey.id;
    if (ring.keys.length < 2) return;
    if (!masterKey.adopt(ring.keys)) return this.#tell('error', otherThan(ring, masterKey));
    this.#told = '';
    if (masterKey.id === before) return;
    log.info(
      { key: shortKeyId(masterKey.id), before: shortKeyId(before) },
      'the master key is another one: what is written from now on is sealed with it',
    );
  }

  async #ask(next: string): Promise<void> {
    const { masterKey, askAgain } = this.#context;
    const now = performance.now();
    if (askAgain !== undefined && now >= this.#askAgainAt) {
      this.#askAgainAt = now + ASK_AGAIN_MS;
      try {
        masterKey.give(await askAgain());
      } catch (error) {
        this.#tell('warn', `the master keys could not be asked for: ${(error as Error).message}`);
      }
    }
    if (masterKey.has(next)) return;
    this.#tell(
      'warn',
      `the master key is to be replaced by ${shortKeyId(next)}, which this process does not have; until it does, the ` +
        'present one stays: see simwright key status',
    );
  }

  async #say(): Promise<void> {
    const { store, transact, masterKey } = this.#context;
    const key_ids = masterKey.ids.toSorted().join(' ');
    const says = `${masterKey.id} ${key_ids}`;
    const now = performance.now();
    if (says === this.#said && now < this.#sayAgainAt) return;
    const date = store.now();
    const row: KeyHolderRow = {
      id: this.#id,
      process: `${hostname()} ${process.pid}`,
      key_ids,
      seals_with: masterKey.id,
      date_seen: date.toISOString(),
    };
    const forgotten = new Date(date.getTime() - FORGOTTEN_MS).toISOString();
    await transact(({ tables }) => tables.masterKeys.hold(row, forgotten));
    this.#said = says;
    this.#sayAgainAt = now + SAY_EVERY_MS;
  }

  /** Once, until it is another message. */
  #tell(level: 'warn' | 'error', message: string): void {
    if (this.#told === message) return;
    this.#told = message;
    this.#context.log[level](message);
  }
}

/** Those that serve now. */
export async function liveHolders(
  store: Pick<Store, 'masterKeys' | 'kind' | 'now'>,
): Promise<KeyHolderRow[]> {
  const since = new Date(store.now().getTime() - SEEN_WITHIN_MS).toISOString();
  const rows = await store.masterKeys.holders();
  // On SQLite, all of them are on this machine.
  return rows.filter((row) => row.date_seen > since && (store.kind !== 'sqlite' || lives(row)));
}

function lives({ process: name }: KeyHolderRow): boolean {
  const [host, pid] = name.split(' ');
  if (host !== hostname()) return true;
  try {
    return process.kill(Number(pid), 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
