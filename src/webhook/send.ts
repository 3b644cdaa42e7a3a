// One attempt to deliver a callback.
import type { ClientRequest, IncomingMessage } from 'node:http';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { CallbackTarget } from '../profile/callback-url.ts';
import type { CallbackRow } from '../store/schema.ts';
import type { Parameters } from './called-url.ts';
import { calledUrl } from './called-url.ts';
import type { FailureKind, Overrides } from './overrides.ts';
import { sign } from './sign.ts';
import { publicLookup, requirePublicHost, TargetRefused } from './target.ts';
import { tlsOptions } from './tls-options.ts';

const RESPONSE_LIMIT = 2_000;
const FORM = 'application/x-www-form-urlencoded; charset=utf-8';

/** What came of an attempt. */
export interface Outcome {
  /** Undefined: delivered. */
  failure?: FailureKind;
  statusCode?: number;
  error?: string;
  /** The beginning of the answer's body. */
  response?: string;
  retryAfterMs?: number;
}

/** Never throws: whatever a receiver does is an outcome. */
export async function send(
  callback: CallbackRow,
  { url, authorization }: CallbackTarget,
  authToken: string,
  overrides: Overrides,
  privateNetworks: boolean,
): Promise<Outcome> {
  const { method } = callback;
  const parameters = JSON.parse(callback.parameters) as Parameters;
  const called = calledUrl(url, method, parameters);
  const body = method === 'GET' ? '' : new URLSearchParams(parameters).toString();
  try {
    if (!privateNetworks) requirePublicHost(url);
    // Not the URL: what is made of it would lack an empty query, and could have what is not signed.
    const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)({
      method,
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port || null,
      path: called.slice(url.origin.length),
      agent: false,
      ...tlsOptions,
      ...(privateNetworks ? {} : { lookup: publicLookup }),
      ...(overrides.sni === undefined ? {} : { servername: overrides.sni }),
      headers: {
        Host: url.host,
        'User-Agent': 'Simwright',
        Accept: '*/*',
        'I-Twilio-Idempotency-Token': callback.sid,
        'X-Twilio-Signature': sign(authToken, called, method === 'GET' ? [] : parameters),
        ...(authorization === undefined ? {} : { Authorization: authorization }),
        ...(method === 'GET'
          ? {}
          : { 'Content-Type': FORM, 'Content-Length': Buffer.byteLength(body) }),
      },
    });
    return await attempt(request, body, overrides);
  } catch (error) {
    if (error instanceof TargetRefused) return { failure: '4xx', error: error.message };
    return { failure: 'connect', error: (error as Error).message };
  }
}

function attempt(request: ClientRequest, body: string, overrides: Overrides): Promise<Outcome> {
  return new Promise((resolve) => {
    let connected = false;
    let timer = setTimeout(giveUp, overrides.connectTimeoutMs, 'connect', 'connecting');
    const total = setTimeout(giveUp, overrides.totalTimeoutMs, 'read', 'an answer');

    function settle(outcome: Outcome): void {
      clearTimeout(timer);
      clearTimeout(total);
      resolve(outcome);
      request.destroy();
    }
    function giveUp(failure: FailureKind, what: string): void {
      settle({ failure, error: `no time left while waiting for ${what}` });
    }
    function expectRead(): void {
      clearTimeout(timer);
      timer = setTimeout(giveUp, overrides.readTimeoutMs, 'read', 'an answer');
    }

    request.on('socket', (socket) => {
      // With TLS the connection stands when the handshake is done.
      socket.once('secureConnect', onConnected);
      socket.once('connect', () => {
        if (!('encrypted' in socket)) onConnected();
      });
    });
    function onConnected(): void {
      connected = true;
      expectRead();
    }
    request.on('error', (error) => {
      if (error instanceof TargetRefused) return settle({ failure: '4xx', error: error.message });
      return settle({ failure: connected ? 'read' : 'connect', error: describe(error) });
    });
    request.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        expectRead();
        text += chunk;
        if (text.length > RESPONSE_LIMIT) settle(judge(response, text));
      });
      response.on('end', () => settle(judge(response, text)));
      response.on('error', (error) => settle({ failure: 'read', error: describe(error) }));
    });
    request.end(body);
  });
}

/** Any 2xx is success; nothing else is. A redirect is not followed: the signature names this URL. */
function judge(response: IncomingMessage, text: string): Outcome {
  const statusCode = response.statusCode ?? 0;
  const outcome: Outcome = { statusCode, response: storable(text.slice(0, RESPONSE_LIMIT)) };
  if (statusCode >= 200 && statusCode < 300) return outcome;
  outcome.failure = statusCode < 400 ? '3xx' : statusCode < 500 ? '4xx' : '5xx';
  outcome.error =
    outcome.failure === '3xx'
      ? `answered ${statusCode}; redirects are not followed (${response.headers.location ?? 'no location'})`
      : `answered ${statusCode}; expected 2xx`;
  const retryAfter = response.headers['retry-after'];
  if (retryAfter !== undefined && /^\d+$/.test(retryAfter)) {
    outcome.retryAfterMs = Number(retryAfter) * 1000;
  }
  return outcome;
}

function describe(error: Error & { code?: string }): string {
  return storable(error.message || error.code || error.name);
}

/** No database of ours holds a NUL character in a text. */
function storable(text: string): string {
  return text.replaceAll('\0', '\uFFFD');
}
