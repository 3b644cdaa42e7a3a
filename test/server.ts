// A real server for tests: with its own folder, its own ports, and the real database.
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import type { Config, Secrets } from '../src/config.ts';
import { readConfig } from '../src/config.ts';
import { createAccount } from '../src/operator/account/account.ts';
import { generateTestStock } from '../src/smdp/stock/test-stock.ts';
import { startServer } from '../src/server.ts';
import type { Server } from '../src/server.ts';
import type { ResponseChecker } from './openapi.ts';
import { responseChecker } from './openapi.ts';
import { freePort } from './postgres.ts';
import { unitAt } from './unit.ts';

export interface Credentials {
  username: string;
  password: string;
}

export interface Reply {
  status: number;
  headers: Headers;
  text: string;
  bytes: Buffer;
  /** The parsed body; undefined if there is none, or it is not JSON. */
  json: any;
}

export interface RequestOptions {
  method?: string;
  /** Sent as a form. */
  form?: Record<string, string>;
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as text/csv. */
  csv?: string | Uint8Array<ArrayBuffer>;
  headers?: Record<string, string>;
  as?: Credentials | null;
}

export interface TestServer extends AsyncDisposable {
  url: string;
  account: Credentials;
  server: Server;
  config: Config;
  secrets: Secrets;
  /** All log lines, as JSON. */
  logged: string[];
  /** Sends a request as the first account, and checks the response against the OpenAPI document. */
  request(path: string, options?: RequestOptions): Promise<Reply>;
  /** Checks a response against the OpenAPI document. */
  check: ResponseChecker;
  /** Creates another account with its own stock. */
  addAccount(stock?: number): Promise<Credentials>;
  /** Orders a profile and waits until it is settled. */
  order(form: Record<string, string>, as?: Credentials): Promise<any>;
  /** Restarts the server on the same data. */
  restart(): Promise<void>;
}

export interface TestSettings {
  /** Test subscriptions of the first account. */
  stock?: number;
  env?: Record<string, string>;
  /** Whether devices can reach ES9+ at the address of the activation codes. */
  es9?: boolean;
  /** Output folder of the console's build. */
  consoleFolder?: string;
  /** By default, an SQLite file that has its tables already. */
  databaseUrl?: string;
}

export async function startTestServer(settings: TestSettings = {}): Promise<TestServer> {
  const data = await mkdtemp(join(tmpdir(), 'simwright-test-'));
  const es9Port = settings.es9 === true ? await freePort() : 0;
  const template = process.env['TEST_SQLITE_TEMPLATE'];
  if (template !== undefined && settings.databaseUrl === undefined)
    await copyFile(template, join(data, 'simwright.db'));
  const { config, secrets } = readConfig({
    SIMWRIGHT_DATA: data,
    SIMWRIGHT_PORT: '0',
    SIMWRIGHT_TEST_STOCK: String(settings.stock ?? 10),
    SIMWRIGHT_LOG_LEVEL: 'debug',
    SIMWRIGHT_METRICS_PORT: 'off',
    SIMWRIGHT_ES9_PORT: String(es9Port),
    // Fixed, so responses can be compared; with devices, it follows the port.
    ...(settings.es9 === true ? {} : { SIMWRIGHT_SMDP_ADDRESS: 'localhost:8443' }),
    ...(settings.databaseUrl === undefined ? {} : { SIMWRIGHT_DATABASE_URL: settings.databaseUrl }),
    ...settings.env,
  });
  const logged: string[] = [];
  const log = pino({ level: config.logLevel }, { write: (line) => logged.push(line) });
  const start = () => startServer(config, secrets, log, undefined, settings.consoleFolder);
  let server = await start();
  const { firstAccount } = server;
  if (firstAccount === undefined) throw new Error('the first start made no account');
  const account = { username: firstAccount.accountSid, password: firstAccount.authToken };
  const check = await responseChecker(server.context.publicUrl);

  async function request(path: string, options: RequestOptions = {}): Promise<Reply> {
    const { form, body, csv, as = account } = options;
    const sends = [form, body, csv].some((given) => given !== undefined);
    const method = options.method ?? (sends ? 'POST' : 'GET');
    const response = await fetch(new URL(path, server.context.publicUrl), {
      method,
      redirect: 'manual',
      headers: {
        ...(as === null ? {} : { Authorization: basic(as) }),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(csv === undefined ? {} : { 'Content-Type': 'text/csv' }),
        ...options.headers,
      },
      ...(form === undefined ? {} : { body: new URLSearchParams(form) }),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(csv === undefined ? {} : { body: csv }),
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    const text = bytes.toString();
    const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? true;
    const reply = {
      status: response.status,
      headers: response.headers,
      text,
      bytes,
      json: text === '' || !isJson ? undefined : (JSON.parse(text) as unknown),
    };
    check(method, path, reply);
    return reply;
  }

  const test: TestServer = {
    get url() {
      return server.context.publicUrl;
    },
    get server() {
      return server;
    },
    account,
    config,
    secrets,
    logged,
    request,
    check,
    async addAccount(stock = 10) {
      const { store, masterKey, now } = server.context;
      const created = await store.transaction(async (tables) => {
        const made = await createAccount(
          { friendlyName: 'Another' },
          masterKey,
          unitAt(tables, now()),
        );
        if (stock > 0) {
          const { sid } = made!.account;
          await generateTestStock(sid, stock, undefined, masterKey, unitAt(tables, now()));
        }
        return made!;
      });
      return { username: created.account.sid, password: created.authToken };
    },
    async order(form, as = account) {
      const created = await request('/v1/ESimProfiles', { form, as });
      if (created.status !== 201) throw new Error(`not ordered: ${created.text}`);
      return eventually(async () => {
        const { json } = await request(`/v1/ESimProfiles/${created.json.sid}`, { as });
        return ['available', 'failed'].includes(json.status as string) ? json : undefined;
      });
    },
    async restart() {
      await server[Symbol.asyncDispose]();
      server = await start();
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await rm(data, { recursive: true, force: true });
    },
  };
  return test;
}

export function basic({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** However busy the machine is. */
const PATIENCE_MS = 90_000;
const LONGEST_PAUSE_MS = 50;

/** Polls `probe` for up to ninety seconds until it returns a value: soon at first, then less often. */
export async function eventually<T>(
  probe: () => T | undefined | Promise<T | undefined>,
): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  for (let pause = 5; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    const found = await probe();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error('it did not happen within ninety seconds');
    await sleep(pause);
  }
}
