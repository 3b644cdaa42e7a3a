// GET of a document that is public and signed, such as a CRL: bounded in size and time, only from addresses that are allowed.
import type { ClientRequest, IncomingMessage } from 'node:http';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import {
  ANSWER_TIME,
  CANCELLED,
  CLOSED,
  CONNECT_TIME,
  describeFailure,
  TOO_LONG,
} from './failure.ts';
import { GrowingBytes } from './growing-bytes.ts';
import { checkConnected, checkHost, guardedLookup } from './target.ts';
import type { Guard, Resolve } from './target.ts';
import { tlsOptions } from './tls-options.ts';

/** Each is guarded like the first request. */
const MOST_REDIRECTS = 3;
const REDIRECTS = [301, 302, 303, 307, 308];

export interface FetchOptions {
  /** Of the document. */
  mostBytes: number;
  /** The addresses that may be asked; undefined: any. */
  guard: Guard | undefined;
  timeouts: FetchTimeouts;
  /** Resolves host names for a request, until that has ended. */
  resolve: (ended: AbortSignal) => Resolve;
  /** Of the document that is there already: asks only for another. */
  validators?: Validators;
  signal?: AbortSignal | undefined;
}

export interface FetchTimeouts {
  /** Until there is a connection; with TLS, until the handshake is done. */
  connectMs: number;
  /** In which nothing arrives. */
  silenceMs: number;
  /** In all, redirects included. */
  totalMs: number;
}

export interface Validators {
  etag?: string | undefined;
  lastModified?: string | undefined;
}

export interface FetchedDocument extends Validators {
  /** Undefined: it is still the one that is there already. */
  content: Buffer | undefined;
}

/** The document did not come; the message says why. */
export class FetchFailed extends Error {
  override readonly name = 'FetchFailed';
}

/** Throws `FetchFailed`. */
export async function fetchDocument(
  address: string,
  options: FetchOptions,
): Promise<FetchedDocument> {
  const deadline = performance.now() + options.timeouts.totalMs;
  let url = parseAddress(address, address);
  for (let redirects = 0; ; redirects += 1) {
    const answer = await ask(url, deadline, options);
    if (!('location' in answer)) return answer;
    if (redirects === MOST_REDIRECTS) {
      throw new FetchFailed(`redirected more than ${MOST_REDIRECTS} times`);
    }
    url = parseAddress(answer.location, url.href);
  }
}

function parseAddress(address: string, base: string): URL {
  const url = URL.parse(address, base);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new FetchFailed(`expected an http or https URL; got ${address}`);
  }
  return url;
}

async function ask(
  url: URL,
  deadline: number,
  options: FetchOptions,
): Promise<FetchedDocument | { location: string }> {
  const { guard, resolve, validators = {}, signal } = options;
  const ended = new AbortController();
  try {
    if (signal?.aborted === true) throw new FetchFailed(CANCELLED);
    const host = url.hostname.replace(/^\[|\]$/g, '');
    if (guard !== undefined) checkHost(host, guard);
    const { etag, lastModified } = validators;
    const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)({
      host,
      port: url.port || null,
      path: `${url.pathname}${url.search}`,
      agent: false,
      ...tlsOptions,
      lookup: guardedLookup(resolve(ended.signal), guard),
      headers: {
        Host: url.host,
        'User-Agent': 'Simwright',
        Accept: '*/*',
        'Accept-Encoding': 'identity',
        ...(etag === undefined ? {} : { 'If-None-Match': etag }),
        ...(lastModified === undefined ? {} : { 'If-Modified-Since': lastModified }),
      },
    });
    return await answerOf(request, deadline, options);
  } catch (error) {
    if (error instanceof FetchFailed) throw error;
    const { message, name } = error as Error;
    const words = describeFailure(error as Error, guard !== undefined);
    const { code = name } = error as { code?: string };
    throw new FetchFailed(
      `${words} (${message.includes(code) ? message : `${code}: ${message}`})`,
      {
        cause: error,
      },
    );
  } finally {
    ended.abort();
  }
}

function answerOf(
  request: ClientRequest,
  deadline: number,
  { guard, timeouts, mostBytes, signal }: FetchOptions,
): Promise<FetchedDocument | { location: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<
    FetchedDocument | { location: string }
  >();
  const giveUp = (why: string) => fail(new FetchFailed(why));
  let timer = setTimeout(giveUp, timeouts.connectMs, CONNECT_TIME);
  const total = setTimeout(giveUp, Math.max(deadline - performance.now(), 0), ANSWER_TIME);
  const cancel = () => giveUp(CANCELLED);
  signal?.addEventListener('abort', cancel);

  function end(): void {
    clearTimeout(timer);
    clearTimeout(total);
    signal?.removeEventListener('abort', cancel);
  }
  function fail(error: Error): void {
    end();
    reject(error);
    request.destroy();
  }
  function expectMore(): void {
    clearTimeout(timer);
    timer = setTimeout(giveUp, timeouts.silenceMs, ANSWER_TIME);
  }

  request.on('socket', (socket: Socket) => {
    if (guard !== undefined) checkConnected(socket, guard);
    socket.once('secureConnect', expectMore);
    socket.once('connect', () => {
      if (!('encrypted' in socket)) expectMore();
    });
  });
  request.on('error', fail);
  request.on('response', (response) => {
    expectMore();
    const judged = judge(response, mostBytes);
    if (typeof judged === 'string') return giveUp(judged);
    if (judged !== undefined) {
      end();
      resolve(judged);
      request.destroy();
      return;
    }
    const content = new GrowingBytes(mostBytes);
    response.on('data', (chunk: Buffer) => {
      timer.refresh();
      if (!content.add(chunk)) giveUp(tooLong(mostBytes));
    });
    response.on('end', () => {
      end();
      if (!response.complete) return reject(new FetchFailed(CLOSED));
      resolve({ content: content.take(), ...validatorsOf(response) });
    });
    response.on('error', fail);
  });
  request.end();
  return promise;
}

const tooLong = (mostBytes: number) => `${TOO_LONG}; at most ${mostBytes} bytes are read`;

/** @returns why the answer is of no use, or what it is; undefined: its body is the document */
function judge(
  response: IncomingMessage,
  mostBytes: number,
): string | FetchedDocument | { location: string } | undefined {
  const { statusCode = 0, headers } = response;
  const { location } = headers;
  if (REDIRECTS.includes(statusCode) && location !== undefined) return { location };
  if (statusCode === 304) return { content: undefined, ...validatorsOf(response) };
  if (statusCode !== 200) return `answered ${statusCode}; expected 200`;
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity')
    return `the answer is encoded as ${encoding}, which was not asked for`;
  if (Number(headers['content-length'] ?? 0) > mostBytes) return tooLong(mostBytes);
  return undefined;
}

/** Longer ones are not worth keeping. */
const MOST_VALIDATOR = 256;

function short(value: string | undefined): string | undefined {
  return value === undefined || value.length > MOST_VALIDATOR ? undefined : value;
}

function validatorsOf({ headers }: IncomingMessage): Validators {
  return { etag: short(headers.etag), lastModified: short(headers['last-modified']) };
}
