// One attempt to deliver a callback.
import type { ClientRequest, IncomingMessage } from 'node:http';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { CALLBACK_URL_LIMIT, hideAuthorization } from '../operator/callback-url.ts';
import type { CallbackTarget } from '../operator/callback-url.ts';
import type { CallbackRow } from '../store/schema.ts';
import type { Parameters } from './called-url.ts';
import { calledUrl } from './called-url.ts';
import type { FailureKind, Overrides } from './overrides.ts';
import { parseOverrides } from './overrides.ts';
import type { Lookups } from '../outgoing/lookups.ts';
import { sign, standardHeaders } from './sign.ts';
import type { SigningKeys } from './sign.ts';
import { ANSWER_TIME, CONNECT_TIME, describeFailure } from '../outgoing/failure.ts';
import type { FailureWords } from '../outgoing/failure.ts';
import { checkConnected, checkHost, guardedLookup, TargetRefused } from '../outgoing/target.ts';
import type { Guard, Resolve } from '../outgoing/target.ts';
import { tlsOptions } from '../outgoing/tls-options.ts';

const RESPONSE_LIMIT = 2_000;
/** Leaves room so that no credential is cut in two before it is masked: none is longer than a URL. */
const READ_LIMIT = RESPONSE_LIMIT + 2 * CALLBACK_URL_LIMIT;
const FORM = 'application/x-www-form-urlencoded; charset=utf-8';

/** The outcome of an attempt. */
export interface Outcome {
  /** Undefined: delivered. */
  failure?: FailureKind;
  statusCode?: number;
  /** For the account; reveals nothing of the operator's network. */
  error?: string;
  /** For the operator's log. */
  detail?: string;
  /** The beginning of the response body. */
  response?: string;
  retryAfterMs?: number;
}

/** What is sent. */
export type Message = Pick<CallbackRow, 'account_sid' | 'sid' | 'method' | 'parameters'> &
  Partial<Pick<CallbackRow, 'request_id'>>;

/** How it is sent. */
export interface Sending {
  keys: SigningKeys;
  /** Of this attempt. */
  date: Date;
  /** Undefined: callbacks may go anywhere. */
  guard: Guard | undefined;
  lookups: Lookups;
  /** W3C Trace Context, if the attempt is traced. */
  traceparent?: string | undefined;
}

/** Never throws: whatever a receiver does becomes an outcome. */
export async function send(
  callback: Message,
  { url, authorization }: CallbackTarget,
  { keys, date, guard, lookups, traceparent }: Sending,
): Promise<Outcome> {
  const ended = new AbortController();
  const resolve: Resolve = (hostname, options, done) =>
    lookups.resolve(callback.account_sid, hostname, options, ended.signal, done);
  const { method } = callback;
  const parameters = JSON.parse(callback.parameters) as Parameters;
  const called = calledUrl(url, method, parameters);
  const body = method === 'GET' ? '' : new URLSearchParams(parameters).toString();
  const content = method === 'GET' ? called.slice(called.indexOf('?') + 1) : body;
  const overrides = parseOverrides(url);
  try {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    if (guard !== undefined) checkHost(host, guard);
    // Not passed as a URL: Node would drop an empty query, and could add parts that are not signed.
    const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)({
      method,
      host,
      port: url.port || null,
      path: called.slice(url.origin.length),
      agent: false,
      ...tlsOptions,
      lookup: guardedLookup(resolve, guard),
      ...(overrides.sni === undefined ? {} : { servername: overrides.sni }),
      headers: {
        Host: url.host,
        'User-Agent': 'Simwright',
        Accept: '*/*',
        'I-Twilio-Idempotency-Token': callback.sid,
        'X-Twilio-Signature': sign(keys.authToken, called, method === 'GET' ? [] : parameters),
        ...standardHeaders(keys.secrets, callback.sid, date, content),
        ...(authorization === undefined ? {} : { Authorization: authorization }),
        ...(callback.request_id == null ? {} : { 'X-Request-Id': callback.request_id }),
        ...(traceparent === undefined ? {} : { traceparent }),
        ...(method === 'GET'
          ? {}
          : { 'Content-Type': FORM, 'Content-Length': Buffer.byteLength(body) }),
      },
    });
    const outcome = await attempt(request, body, overrides, guard);
    const shown = (text: string) =>
      authorization === undefined ? text : hideAuthorization(text, authorization);
    if (outcome.detail !== undefined) outcome.detail = shown(outcome.detail);
    if (outcome.response !== undefined) {
      outcome.response = storable(shown(outcome.response).slice(0, RESPONSE_LIMIT));
    }
    return outcome;
  } catch (error) {
    return failed('connect', error as Error, guard);
  } finally {
    ended.abort();
  }
}

function attempt(
  request: ClientRequest,
  body: string,
  overrides: Overrides,
  guard: Guard | undefined,
): Promise<Outcome> {
  return new Promise((resolve) => {
    let connected = false;
    let timer = setTimeout(giveUp, overrides.connectTimeoutMs, 'connect', CONNECT_TIME);
    const total = setTimeout(giveUp, overrides.totalTimeoutMs, 'read', ANSWER_TIME);

    function settle(outcome: Outcome): void {
      clearTimeout(timer);
      clearTimeout(total);
      resolve(outcome);
      request.destroy();
    }
    function giveUp(failure: FailureKind, error: FailureWords): void {
      settle({ failure, error });
    }
    function expectRead(): void {
      clearTimeout(timer);
      timer = setTimeout(giveUp, overrides.readTimeoutMs, 'read', ANSWER_TIME);
    }

    request.on('socket', (socket) => {
      if (guard !== undefined) checkConnected(socket, guard);
      // With TLS, connected means that the handshake is done.
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
      const isRead = connected && !(error instanceof TargetRefused);
      settle(failed(isRead ? 'read' : 'connect', error, guard));
    });
    request.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        expectRead();
        text += chunk;
        if (text.length > READ_LIMIT) settle(judge(response, text));
      });
      response.on('end', () => settle(judge(response, text)));
      response.on('error', (error) => settle(failed('read', error, guard)));
    });
    request.end(body);
  });
}

/** Only 2xx is success. Redirects are not followed, because the signature covers this URL. */
function judge(response: IncomingMessage, text: string): Outcome {
  const statusCode = response.statusCode ?? 0;
  const outcome: Outcome = { statusCode, response: text };
  if (statusCode >= 200 && statusCode < 300) return outcome;
  outcome.failure = statusCode < 400 ? '3xx' : statusCode < 500 ? '4xx' : '5xx';
  outcome.error =
    outcome.failure === '3xx'
      ? `answered ${statusCode}; redirects are not followed`
      : `answered ${statusCode}; expected 2xx`;
  const { 'retry-after': retryAfter, location } = response.headers;
  if (outcome.failure === '3xx') outcome.detail = `to ${location ?? 'no location'}`;
  if (retryAfter !== undefined && /^\d+$/.test(retryAfter)) {
    outcome.retryAfterMs = Number(retryAfter) * 1000;
  }
  return outcome;
}

function failed(failure: FailureKind, error: Error, guard: Guard | undefined): Outcome {
  const { message, name } = error;
  const { code = name } = error as { code?: string };
  return {
    failure,
    error: describeFailure(error, guard !== undefined),
    detail: message.includes(code) ? message : `${code}: ${message}`,
  };
}

/** PostgreSQL cannot store NUL characters in text. */
function storable(text: string): string {
  return text.replaceAll('\0', '\uFFFD');
}
