// A server of two workers, as `simwright start` starts it. Each request has a connection of its own, so requests go to
// the workers by turns.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pino } from 'pino';
import { readConfig } from '../../src/config.ts';
import type { Config } from '../../src/config.ts';
import type { Data } from '../../src/data.ts';
import { openData } from '../../src/data.ts';
import type { Euicc } from '../../src/device/euicc.ts';
import { openPki } from '../../src/smdp/pki/current-pki.ts';
import type { Pki } from '../../src/smdp/pki/pki.ts';
import { Steps } from '../es9plus/calls.ts';
import { newEuicc } from '../es9plus/phone.ts';
import { freePort } from '../postgres.ts';
import { startProcess } from '../process.ts';
import type { ServerProcess } from '../process.ts';
import { basic, eventually } from '../server.ts';
import type { TestServer } from '../server.ts';

export const ACCOUNT = { username: `AC${'1'.repeat(32)}`, password: 'a'.repeat(32) };
const PRELOADED = ['--import', join(import.meta.dirname, 'told-to-fail.ts')];

export interface Reply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  json: any;
}

export interface Running extends AsyncDisposable {
  url: string;
  config: Config;
  /** All log lines. */
  logged: any[];
  /** What the start printed. */
  process: ServerProcess['process'];
  /** As a command: the same data, through its own connections. */
  data: Data;
  pki: Pki;
  /** Of the workers that serve, by number. */
  pids(): Map<number, number>;
  request(path: string, options?: RequestOptions): Promise<Reply>;
  /** Orders a profile and waits until it is available. */
  order(): Promise<any>;
  steps(matchingId: string, euicc?: Euicc): Steps;
  /** Kills the first process, and starts the server again on the same data and ports. */
  restart(): Promise<void>;
}

export interface RequestOptions {
  method?: string;
  form?: Record<string, string>;
  body?: unknown;
  csv?: string;
  /** A connection that is kept. */
  agent?: Agent;
  headers?: Record<string, string>;
}

export async function startWorkers(
  databaseUrl: string | undefined,
  env: Record<string, string> = {},
): Promise<Running> {
  const folder = await mkdtemp(join(tmpdir(), 'simwright-workers-'));
  const settings: Record<string, string> = {
    SIMWRIGHT_WORKERS: '2',
    SIMWRIGHT_DATA: folder,
    SIMWRIGHT_PORT: String(await freePort()),
    SIMWRIGHT_ES9_PORT: String(await freePort()),
    SIMWRIGHT_METRICS_PORT: 'off',
    SIMWRIGHT_ACCOUNT_SID: ACCOUNT.username,
    SIMWRIGHT_AUTH_TOKEN: ACCOUNT.password,
    SIMWRIGHT_TEST_STOCK: '50',
    ...(databaseUrl === undefined ? {} : { SIMWRIGHT_DATABASE_URL: databaseUrl }),
    ...env,
  };
  const logged: any[] = [];
  const launch = () =>
    startProcess(
      settings,
      ([node, ...rest]) => [node!, ...PRELOADED, ...rest],
      (line) => logged.push(line.startsWith('{') ? JSON.parse(line) : { msg: line }),
    );
  let server = await launch();
  const own = Object.entries(settings).filter(([name]) => name.startsWith('SIMWRIGHT_'));
  const { config, secrets } = readConfig(Object.fromEntries(own));
  const data = await openData(config, secrets);
  const now = () => data.store.now();
  const pki = (await openPki({ ...data, config, now, log: pino({ level: 'silent' }) })).at(now());

  async function request(path: string, options: RequestOptions = {}): Promise<Reply> {
    const { form, body, csv, agent = new Agent({ keepAlive: false }), headers = {} } = options;
    const content =
      form === undefined
        ? (csv ?? (body === undefined ? undefined : JSON.stringify(body)))
        : new URLSearchParams(form).toString();
    const type =
      form === undefined
        ? csv === undefined
          ? 'application/json'
          : 'text/csv'
        : 'application/x-www-form-urlencoded';
    const call = httpRequest(new URL(path, server.url), {
      method: options.method ?? (content === undefined ? 'GET' : 'POST'),
      agent,
      headers: {
        Authorization: basic(ACCOUNT),
        ...(content === undefined
          ? {}
          : { 'Content-Type': type, 'Content-Length': Buffer.byteLength(content) }),
        ...headers,
      },
    });
    call.end(content);
    const [response] = await once(call, 'response');
    const answer = await text(response);
    return {
      status: response.statusCode,
      headers: response.headers,
      json: answer.startsWith('{') ? JSON.parse(answer) : answer,
    };
  }

  const running: Running = {
    config,
    logged,
    data,
    pki,
    get url() {
      return server.url;
    },
    get process() {
      return server.process;
    },
    pids() {
      const serving = new Map<number, number>();
      for (const { msg, worker, pid } of logged) {
        if (msg === 'worker serves') serving.set(worker, pid);
        else if (String(msg).startsWith('worker ended')) serving.delete(worker);
      }
      return serving;
    },
    request,
    async order() {
      const created = await request('/v1/ESimProfiles', { form: { GenerateMatchingId: 'true' } });
      assert.equal(created.status, 201);
      return eventually(async () => {
        const { json } = await request(`/v1/ESimProfiles/${created.json.sid}`);
        return json.status === 'available' ? json : undefined;
      });
    },
    steps(matchingId, euicc = newEuicc({ server: { context: { config, pki } } } as TestServer)) {
      const place = { url: `https://localhost:${config.es9Port}` };
      return new Steps(place, config.smdpAddress, euicc, matchingId);
    },
    async restart() {
      const ended = once(server.process, 'exit');
      server.process.kill('SIGKILL');
      await ended;
      server = await launch();
    },
    async [Symbol.asyncDispose]() {
      await data.store.close();
      if (server.process.exitCode === null && server.process.signalCode === null) {
        const ended = once(server.process, 'exit');
        server.process.kill('SIGTERM');
        await ended;
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
  return running;
}

/** Whether there is such a process. */
export function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
