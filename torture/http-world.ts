// The world of servers that are reached by HTTP and TLS, in this process or another.
import { setTimeout as sleep } from 'node:timers/promises';
import { Es9PlusError } from '../src/device/es9plus.ts';
import type { Es9PlusTransport } from '../src/device/es9plus-transport.ts';
import { HttpsTransport } from '../src/device/es9plus-transport.ts';
import { ConnectionError, EsipaHttpsTransport } from '../src/device/ipa/esipa-transport.ts';
import type { EimConfigurationData } from '../src/rsp/definitions/eim-configuration-data.ts';
import type { Pki } from '../src/smdp/pki/pki.ts';
import type { Random } from './random.ts';
import { NoAnswer } from './world.ts';
import type { ApiAnswer, ApiRequest, CallbackReceiver, World } from './world.ts';

export interface Surroundings {
  random: Random;
  account: { sid: string; authToken: string };
  /** Base of the API: http://HOST:PORT. Asked for each request, since a server that starts again may be elsewhere. */
  apiUrl: () => string;
  /** Where ES9+ listens; asked for each call. */
  es9At: () => { host: string; port: number };
  /** Where ESipa listens. */
  esipaAt: () => { host: string; port: number };
  smdpAddress: string;
  pki: Pki;
  receiver: CallbackReceiver;
  acknowledge: World['acknowledge'];
  now?: () => Date;
  pass?: NonNullable<World['pass']>;
  /** How long a client waits for an answer. */
  timeoutMs?: number;
}

const TIMEOUT_MS = 30_000;

export function httpWorld(around: Surroundings): World {
  const { random, account, smdpAddress, pki, receiver, acknowledge, pass, esipaAt } = around;
  const { now = () => new Date(), timeoutMs = TIMEOUT_MS } = around;
  return {
    random,
    now,
    sleep: (ms) => sleep(ms),
    send: (request) => send(request, around.apiUrl(), account, timeoutMs),
    es9: es9Of(around, timeoutMs),
    esipa: (eim) => ({ send: (request) => sendEsipa(request, eim, esipaAt(), timeoutMs) }),
    pki,
    smdpAddress,
    receiver,
    authToken: account.authToken,
    acknowledge,
    ...(pass === undefined ? {} : { pass }),
  };
}

async function send(
  { method, path, form, csv, headers }: ApiRequest,
  apiUrl: string,
  { sid, authToken }: Surroundings['account'],
  timeoutMs: number,
): Promise<ApiAnswer> {
  const body = form === undefined ? csv : new URLSearchParams(form);
  try {
    const response = await fetch(new URL(path, apiUrl), {
      method,
      headers: {
        Authorization: `Basic ${Buffer.from(`${sid}:${authToken}`).toString('base64')}`,
        ...(csv === undefined ? {} : { 'Content-Type': 'text/csv' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await response.text();
    const json: unknown = text === '' ? undefined : JSON.parse(text);
    return { status: response.status, headers: response.headers, json };
  } catch (cause) {
    throw new NoAnswer(`${method} ${path}: ${(cause as Error).message}`, { cause });
  }
}

/** Opens a connection for each call, too. */
async function sendEsipa(
  request: Uint8Array,
  eim: EimConfigurationData,
  connectTo: { host: string; port: number },
  timeoutMs: number,
): Promise<Uint8Array> {
  const transport = new EsipaHttpsTransport({ eim, connectTo });
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new NoAnswer('ESipa: no answer in time')), timeoutMs);
  try {
    return await Promise.race([transport.send(request), promise]);
  } catch (cause) {
    if (!(cause instanceof ConnectionError)) throw cause;
    throw new NoAnswer(`ESipa: ${cause.message}`, { cause });
  } finally {
    clearTimeout(timer);
  }
}

/** Opens a connection for each call, so that no server that has died is spoken to. */
function es9Of(
  { es9At, pki, now }: Pick<Surroundings, 'es9At' | 'pki' | 'now'>,
  timeoutMs: number,
): Es9PlusTransport {
  const cis = pki.cis.map(({ der }) => der);
  return {
    async send(functionName, smdpAddress, request) {
      using transport = new HttpsTransport({
        cis,
        connectTo: es9At(),
        hasNewConnections: true,
        ...(now === undefined ? {} : { now }),
      });
      const { promise, reject } = Promise.withResolvers<never>();
      const timer = setTimeout(() => reject(new Error('no answer in time')), timeoutMs);
      try {
        return await Promise.race([transport.send(functionName, smdpAddress, request), promise]);
      } catch (cause) {
        if (cause instanceof Es9PlusError) throw cause;
        throw new NoAnswer(`${functionName}: ${(cause as Error).message}`, { cause });
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
