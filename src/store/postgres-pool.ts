// Opens connections to PostgreSQL: to the host that accepts writes, and not all at once when that has been out of reach.
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Pool } from 'pg';
import type { ClientBase, ClientConfig, PoolClient } from 'pg';
import { StoreUnavailable } from './errors.ts';
import { cannotConnect, errorCode } from './postgres-errors.ts';
import { greet } from './postgres-session.ts';
import type { Greeting, Patience, Session } from './postgres-session.ts';
import { parsePostgresUrl } from './postgres-url.ts';
import type { Host } from './postgres-url.ts';

export const POOL_SIZE = 10;
const CONNECT_LIMIT_MS = 5_000;
/** Of silence, after which a connection is probed. */
const KEEP_ALIVE_MS = 10_000;
/** How long callers wait for a database that is out of reach, from when it was first found to be. */
const OUTAGE_PATIENCE_MS = 3_000;
/** And thereafter, so that each waits for an attempt. */
const LEAST_PATIENCE_MS = 1_000;
/** After the first connection: a start that is cut off ends with an explanation rather than wait. */
const START_MS = 5_000;
/** Between attempts to open a connection; the longest after several that failed. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;
/** Of an answer of one host, once another one accepts writes that is on the newest timeline that is known. */
const OTHERS_LIMIT_MS = 1_000;
/** The same, while none is known: the other one may be that to which all others have followed. */
const SEARCH_LIMIT_MS = 3_000;

/** cannot_connect_now, too_many_connections, admin_shutdown: it will answer soon, also a server that has just started. */
const PASSING = new Set(['57P03', '53300', '57P01']);
/** A wrong user, password or database does not become right. */
const LASTING = /^(28...|3D000)$/;

export interface PoolSettings {
  /** What its connections are called, for others to see. */
  applicationName?: string;
  patience?: Patience;
  /** Whether a standby will do. */
  onlyReads?: boolean;
  max?: number;
}

/** A server that only lets read, or that a failover has left behind. */
class NotPrimary extends StoreUnavailable {
  override name = 'NotPrimary';
}

export class PostgresPool extends Pool {
  readonly #hosts: readonly Host[];
  readonly #driver: ClientConfig;
  readonly #patience: Patience;
  readonly #onlyReads: boolean;
  readonly #max: number;
  readonly #sessions = new WeakMap<ClientBase, Session>();
  /** Which of several accepts writes. */
  #primary: Host | undefined;
  #searching: Promise<Host> | undefined;
  /** The newest that a host was on. */
  #timeline = 0;
  /** Since when none can be opened, why, and when it is tried again. */
  #outage: { since: number; failures: number; cause: unknown; retryAt: number } | undefined;
  #connectedAt = Infinity;
  /** Why connections could not be opened. Others mean that the pool is exhausted or closed. */
  readonly #reasons = new WeakSet();
  /** How many are being opened, and how many may be. */
  #opening = 0;
  #allowed = Infinity;
  #waiting: (() => void)[] = [];

  /** @param url see `parsePostgresUrl` */
  constructor(url: string, settings: PoolSettings = {}) {
    const {
      applicationName = 'simwright',
      patience = 'short',
      onlyReads = false,
      max = POOL_SIZE,
    } = settings;
    const parsed = parsePostgresUrl(url);
    const driver: ClientConfig = {
      connectionString: parsed.url,
      connectionTimeoutMillis: CONNECT_LIMIT_MS,
      application_name: applicationName,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    };
    // Called by the driver for each connection.
    const open = (client: Client, connect: () => Promise<unknown>) => this.#open(client, connect);
    class PooledClient extends Client {
      constructor() {
        super(driver);
        // Dead connections are replaced at the next use; the affected query reports the error.
        this.on('error', () => {});
      }

      override connect(): Promise<Client>;
      override connect(callback: (error: Error) => void): void;
      override connect(callback?: (error: Error) => void): Promise<Client> | void {
        const opened = open(this, () => super.connect()).then(() => this);
        if (callback === undefined) return opened;
        opened.then(() => callback(null as never), callback);
      }
    }
    super({ ...driver, max, Client: PooledClient });
    this.on('error', () => {});
    this.#hosts = parsed.hosts;
    this.#driver = driver;
    this.#patience = patience;
    this.#onlyReads = onlyReads;
    this.#max = max;
  }

  /** Of a connection of this pool. */
  sessionOf(client: ClientBase): Session {
    return this.#sessions.get(client)!;
  }

  /**
   * A connection whose session is known. While none can be opened, waits for those that are open, or a short time for the
   * database. Throws `StoreUnavailable`.
   */
  async acquire(): Promise<PoolClient> {
    const began = performance.now();
    for (;;) {
      this.#limitSize();
      try {
        return await this.connect();
      } catch (error) {
        const pause = this.#pauseOf(error, began);
        if (pause === undefined) throw cannotConnect(error);
        await sleep(pause);
      }
    }
  }

  /** During an outage, callers wait for connections that there are rather than fail for want of one more. */
  #limitSize(): void {
    const isOut = this.#outage !== undefined && performance.now() < this.#outage.retryAt;
    this.options.max = isOut ? Math.max(this.totalCount, 1) : this.#max;
  }

  /** @returns after which time to try again, if that is worthwhile */
  #pauseOf(error: unknown, began: number): number | undefined {
    if (!this.#reasons.has(error as WeakKey)) return undefined;
    const code = errorCode(error) ?? '';
    if (LASTING.test(code)) return undefined;
    const passes = PASSING.has(code) || error instanceof NotPrimary;
    if (this.#connectedAt === Infinity && !passes) return undefined;
    const now = performance.now();
    const { since, retryAt } = this.#outage ?? { since: began, retryAt: now };
    const isStarting = now < this.#connectedAt + START_MS && !passes;
    const patient = isStarting ? 0 : Math.min(began, since) + OUTAGE_PATIENCE_MS;
    const until = Math.max(patient, began + LEAST_PATIENCE_MS);
    return Math.max(retryAt, now) > until ? undefined : Math.max(retryAt - now, 0);
  }

  async #open(client: Client, connect: () => Promise<unknown>): Promise<void> {
    while (this.#opening >= this.#allowed) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    const { retryAt = 0, cause } = this.#outage ?? {};
    if (performance.now() < retryAt) {
      this.#waiting.shift()?.();
      throw cause;
    }
    this.#opening++;
    try {
      if (this.#hosts.length > 1) Object.assign(client, await this.#find());
      await connect();
      this.#sessions.set(client, await this.#check(client, client));
      this.#succeed();
    } catch (error) {
      this.#fail(error);
      client.end().catch(() => {});
      throw error;
    } finally {
      this.#opening--;
      for (const wake of this.#waiting.splice(0)) wake();
    }
  }

  async #check(client: Client, host: Host): Promise<Session> {
    const greeting = await greet(client, this.#patience, { asksTimeline: this.#hosts.length > 1 });
    const reason = this.#unfit(greeting);
    if (reason !== undefined) throw notPrimary([`${nameOf(host)} ${reason}`]);
    this.#timeline = Math.max(this.#timeline, greeting.timeline);
    return greeting.session;
  }

  #unfit({ isReadOnly, timeline }: Greeting): string | undefined {
    if (this.#onlyReads) return undefined;
    if (isReadOnly) return 'is read-only, as a standby is';
    if (timeline >= this.#timeline) return undefined;
    return `was left behind by a failover (timeline ${timeline} instead of ${this.#timeline})`;
  }

  /** After an outage, twice as many at a time as before, so that many nodes do not come back all at once. */
  #succeed(): void {
    this.#outage = undefined;
    this.#connectedAt = Math.min(this.#connectedAt, performance.now());
    this.#allowed *= 2;
    if (this.#allowed > POOL_SIZE) this.#allowed = Infinity;
  }

  #fail(cause: unknown): void {
    const now = performance.now();
    this.#reasons.add(cause as WeakKey);
    this.#primary = undefined;
    this.#allowed = 1;
    const { since = now, failures = 0, retryAt = 0 } = this.#outage ?? {};
    // Others that were being opened at the same time fail for the same reason.
    if (now < retryAt) return;
    const longest = Math.min(FIRST_PAUSE_MS * 2 ** failures, LONGEST_PAUSE_MS);
    const pause = longest * (0.5 + Math.random() / 2);
    this.#outage = { since, failures: failures + 1, cause, retryAt: now + pause };
  }

  #find(): Promise<Host> {
    if (this.#primary !== undefined) return Promise.resolve(this.#primary);
    this.#searching ??= this.#search().finally(() => (this.#searching = undefined));
    return this.#searching;
  }

  /** Asks all hosts. Of several that accept writes, one was left behind by a failover: the newest timeline counts. */
  async #search(): Promise<Host> {
    const found: { host: Host; greeting: Greeting }[] = [];
    const failed: { host: Host; error: unknown }[] = [];
    const enough = Promise.withResolvers<void>();
    const asking = this.#hosts.map(async (host) => {
      try {
        const greeting = await this.#ask(host);
        found.push({ host, greeting });
        if (this.#unfit(greeting) === undefined) {
          const limit = this.#timeline === 0 ? SEARCH_LIMIT_MS : OTHERS_LIMIT_MS;
          setTimeout(enough.resolve, limit).unref();
        }
      } catch (error) {
        failed.push({ host, error });
      }
    });
    await Promise.race([Promise.all(asking), enough.promise]);
    const [best] = found
      .filter(({ greeting }) => this.#unfit(greeting) === undefined)
      .toSorted((one, other) => other.greeting.timeline - one.greeting.timeline);
    if (best !== undefined) return (this.#primary = best.host);
    const lasting = failed.find(({ error }) => LASTING.test(errorCode(error) ?? ''));
    if (lasting !== undefined) throw lasting.error;
    if (found.length === 0) throw failed[0]!.error;
    throw notPrimary([
      ...found.map(({ host, greeting }) => `${nameOf(host)} ${this.#unfit(greeting)}`),
      ...failed.map(
        ({ host, error }) => `${nameOf(host)}: ${(error as Error).message || errorCode(error)}`,
      ),
    ]);
  }

  async #ask(host: Host): Promise<Greeting> {
    const client = new Client({ ...this.#driver, connectionTimeoutMillis: SEARCH_LIMIT_MS });
    Object.assign(client, host);
    client.on('error', () => {});
    try {
      await client.connect();
      return await greet(client, this.#patience, { asksTimeline: true });
    } finally {
      client.end().catch(() => {});
    }
  }
}

const nameOf = ({ host, port }: Host) => `${host.includes(':') ? `[${host}]` : host}:${port}`;

function notPrimary(reasons: string[]): NotPrimary {
  return new NotPrimary(`No PostgreSQL accepts writes: ${reasons.join('; ')}`, {
    brief: 'PostgreSQL is read-only',
  });
}
