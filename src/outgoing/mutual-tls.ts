// POST of JSON to the server of another company, over HTTPS, with certificates on both sides where it wants one of ours.
import dns from 'node:dns';
import type { ClientRequest } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { checkServerIdentity, createSecureContext } from 'node:tls';
import type { DetailedPeerCertificate, PeerCertificate } from 'node:tls';
import {
  ANSWER_TIME,
  CANCELLED,
  CONNECT_TIME,
  describeFailure,
  NOT_HTTP,
  OWN_REFUSED,
  TOO_LONG,
} from './failure.ts';
import type { FailureWords } from './failure.ts';
import { GrowingBytes } from './growing-bytes.ts';
import { PeerUnavailable } from './peer-unavailable.ts';
import type { Arrival } from './peer-unavailable.ts';
import { checkConnected, checkHost, guardedLookup, TargetRefused } from './target.ts';
import type { Guard, Resolve } from './target.ts';
import { tlsOptions } from './tls-options.ts';
import type { CurveName } from '../rsp/curve.ts';
import { tlsGroups, tlsSignatureAlgorithms } from '../rsp/tls-curve.ts';

/** By default: the answers of the functions of §5.3 and §5.7 have a few hundred bytes. */
const ANSWER_LIMIT = 256 * 1024;
/** Of a body that is recorded. */
const RESPONSE_LIMIT = 2_000;
/** Idle connections kept to one peer, and for how long. */
const KEPT = 8;
const KEPT_MS = 60_000;

export interface PeerOptions {
  /** `https:` with host and, if it is not 443, port; paths are appended to its own. */
  address: URL;
  /** PEM of our certificate, followed by those of CAs that the peer needs; undefined: we show none. */
  certificate?: string;
  /** PEM of its private key. */
  key?: string;
  /** PEM of the CAs under which the peer's certificate must be, and of no others; undefined: those that Node trusts. */
  ca: readonly string[] | undefined;
  /** Those of RSP that we can verify, which tells a server with several certificates which to show; undefined: any curve of TLS. */
  curves?: readonly CurveName[] | undefined;
  /**
   * What else its certificate must be, besides one under these CAs for this host.
   * @param der of the certificate
   * @param issuers DER of those above it, as far as the peer has sent them or they are trusted
   * @returns what is wrong with it
   */
  verify?:
    | ((host: string, der: Uint8Array, issuers: readonly Uint8Array[]) => Error | undefined)
    | undefined;
  /** Bytes of an answer that are read. */
  answerLimit?: number;
  /** The addresses to which it may connect; undefined: any. */
  guard: Guard | undefined;
  timeouts: Timeouts;
  /** Resolves host names for a request, until that has ended; by default at once. */
  resolve?: (ended: AbortSignal) => Resolve;
}

export interface Timeouts {
  /** Until the TLS handshake is done. */
  connectMs: number;
  /** From then until the whole answer is here. */
  answerMs: number;
}

export interface PeerAnswer {
  /** 2xx. */
  statusCode: number;
  body: string;
  bytes: Uint8Array;
}

/** A function makes it once there is a connection; what it throws ends the call, of which nothing was sent. */
type Body = string | (() => Promise<Uint8Array>);

export interface Peer {
  /**
   * @param path appended to that of the address
   * @param headers besides those of the body
   * @param signal ends the call
   * Throws `PeerUnavailable`, also for any status but 2xx.
   */
  post(
    path: string,
    body: Body,
    headers: Record<string, string>,
    signal?: AbortSignal,
  ): Promise<PeerAnswer>;
  /**
   * HEAD, which changes nothing there. Throws `PeerUnavailable` without a response.
   * @returns its status, whichever
   */
  head(path: string, signal?: AbortSignal): Promise<number>;
  /** Closes the connections that are kept. */
  close(): void;
}

/** Throws what OpenSSL says of certificates or a key that it cannot read. */
export function connectPeer(options: PeerOptions): Peer {
  const { certificate, key, ca, curves } = options;
  const secureContext = createSecureContext({
    ...(certificate === undefined ? {} : { cert: certificate }),
    ...(key === undefined ? {} : { key }),
    ...(ca === undefined ? {} : { ca: [...ca] }),
    minVersion: 'TLSv1.2', // §2.6.6
    // A CA that was registered need not be a root.
    allowPartialTrustChain: true,
    ...(curves === undefined
      ? tlsOptions
      : { ecdhCurve: tlsGroups(curves), sigalgs: tlsSignatureAlgorithms(curves) }),
  });
  const agent = new Agent({
    keepAlive: true,
    maxFreeSockets: KEPT,
    timeout: KEPT_MS,
    secureContext,
    // Not of each call: a connection is kept only for calls that verify it by the same function.
    ...verifierOf(options),
  });
  const connected = { ...options, agent };
  return {
    async post(path, body, headers, signal) {
      const message = { method: 'POST', path, body, headers } as const;
      const begin = async () => judge(await send(message, signal, connected));
      try {
        return await begin();
      } catch (failed) {
        if (!(failed instanceof StaleConnection)) throw failed;
        // The peer had closed the connection by then, and with it the others: the call goes out again, through a new one.
        for (const socket of Object.values(agent.freeSockets).flat()) socket?.destroy();
        return await begin().catch((again: unknown) => {
          if (!(again instanceof PeerUnavailable) || again.arrival === 'sent') throw again;
          throw new PeerUnavailable(again.message, 'sent', { ...kept(again) });
        });
      }
    },
    async head(path, signal) {
      const message = { method: 'HEAD', path, body: '', headers: {} } as const;
      return (await send(message, signal, connected)).statusCode;
    },
    close: () => agent.destroy(),
  };
}

function verifierOf({ address, verify }: PeerOptions) {
  if (verify === undefined) return {};
  const host = hostOf(address);
  return {
    checkServerIdentity: (name: string, peer: PeerCertificate) =>
      checkServerIdentity(name, peer) ??
      verify(host, Uint8Array.from(peer.raw), issuersOf(peer as DetailedPeerCertificate)),
  };
}

const hostOf = ({ hostname }: URL) => hostname.replace(/^\[|\]$/g, '');

interface Message {
  method: 'POST' | 'HEAD';
  path: string;
  body: Body;
  headers: Record<string, string>;
}

/** An answer with any status. */
interface Response extends PeerAnswer {
  location: string | undefined;
}

/** The connection was kept from an earlier call, and ended before anything of the answer had come. */
class StaleConnection extends PeerUnavailable {}

const kept = ({ detail }: PeerUnavailable) => (detail === undefined ? {} : { detail });

async function send(
  { method, path, body, headers }: Message,
  signal: AbortSignal | undefined,
  {
    address,
    guard,
    timeouts,
    resolve = () => lookUp,
    answerLimit = ANSWER_LIMIT,
    agent,
  }: PeerOptions & { agent: Agent },
): Promise<Response> {
  const host = hostOf(address);
  if (signal?.aborted === true) throw new PeerUnavailable(CANCELLED, 'not sent');
  if (guard !== undefined) checkTarget(host, guard);
  const ended = new AbortController();
  const request = httpsRequest({
    method,
    host,
    port: address.port || 443,
    path: `${address.pathname.replace(/\/+$/, '')}${path}${address.search}`,
    agent,
    lookup: guardedLookup(resolve(ended.signal), guard),
    headers: {
      Host: address.host,
      'User-Agent': 'Simwright',
      Accept: 'application/json',
      ...(method === 'HEAD'
        ? {}
        : {
            'Content-Type': 'application/json',
            ...(typeof body === 'string' ? { 'Content-Length': Buffer.byteLength(body) } : {}),
          }),
      ...headers,
    },
  });
  return answerOf(request, body, { guard, timeouts, answerLimit, signal }).finally(() =>
    ended.abort(),
  );
}

function issuersOf(peer: DetailedPeerCertificate): Uint8Array[] {
  const issuers: Uint8Array[] = [];
  // A root is its own issuer.
  for (let one = peer; one.issuerCertificate !== undefined && one.issuerCertificate !== one;) {
    one = one.issuerCertificate;
    issuers.push(Uint8Array.from(one.raw));
  }
  return issuers;
}

function checkTarget(host: string, guard: Guard): void {
  try {
    checkHost(host, guard);
  } catch (error) {
    throw toUnavailable(error as Error, 'not sent', guard);
  }
}

const lookUp: Resolve = (hostname, options, done) =>
  dns.lookup(hostname, { ...options, all: true }, done);

function answerOf(
  request: ClientRequest,
  body: Body,
  {
    guard,
    timeouts,
    answerLimit,
    signal,
  }: Pick<PeerOptions, 'guard' | 'timeouts'> & {
    answerLimit: number;
    signal?: AbortSignal | undefined;
  },
): Promise<Response> {
  return new Promise((resolve, reject) => {
    let arrival: Arrival = 'not sent';
    let hasAnswered = false;
    let timer = setTimeout(giveUp, timeouts.connectMs, CONNECT_TIME);

    const cancel = () => giveUp(CANCELLED);
    signal?.addEventListener('abort', cancel);
    function end(): void {
      clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
    }
    function fail(failure: Error): void {
      end();
      reject(failure);
      request.destroy();
    }
    function giveUp(why: FailureWords): void {
      fail(new PeerUnavailable(why, arrival));
    }
    function onConnected(): void {
      if (typeof body === 'string') return expectAnswer();
      body().then(sendMade, fail);
    }
    function sendMade(bytes: Uint8Array): void {
      if (request.destroyed) return;
      expectAnswer();
      request.setHeader('Content-Length', bytes.length);
      request.end(bytes);
    }
    function expectAnswer(): void {
      arrival = 'sent';
      clearTimeout(timer);
      timer = setTimeout(giveUp, timeouts.answerMs, ANSWER_TIME);
    }

    request.on('socket', (socket: Socket) => {
      if (request.reusedSocket) return onConnected();
      if (guard !== undefined) checkConnected(socket, guard);
      // Nothing of the request leaves before the handshake is done.
      socket.once('secureConnect', onConnected);
    });
    request.on('error', (error) => {
      const isStale = request.reusedSocket && !hasAnswered;
      const failure = toUnavailable(error, arrival, guard);
      fail(
        isStale && isClosed(error)
          ? new StaleConnection(failure.message, 'sent', kept(failure))
          : failure,
      );
    });
    request.on('response', (response) => {
      hasAnswered = true;
      if (arrival === 'not sent') {
        const detail = 'it came before the request';
        return fail(new PeerUnavailable(NOT_HTTP, arrival, { detail }));
      }
      const content = new GrowingBytes(answerLimit);
      response.on('data', (chunk: Buffer) => {
        if (!content.add(chunk)) giveUp(TOO_LONG);
      });
      response.on('end', () => {
        end();
        const { statusCode = 0, headers } = response;
        const { location } = headers;
        const bytes = content.take();
        resolve({ statusCode, body: bytes.toString(), bytes, location });
      });
      response.on('error', (error) => fail(toUnavailable(error, 'sent', guard)));
    });
    if (typeof body === 'string') request.end(body);
  });
}

/** Redirects are not followed: the certificate that answers there was not registered for this peer. */
function judge({ statusCode, body, bytes, location }: Response): PeerAnswer {
  if (statusCode >= 200 && statusCode < 300) return { statusCode, body, bytes };
  const isRedirect = statusCode >= 300 && statusCode < 400;
  throw new PeerUnavailable(
    isRedirect
      ? `answered ${statusCode}; redirects are not followed`
      : `answered ${statusCode}; expected 2xx`,
    'sent',
    {
      statusCode,
      response: recorded(body),
      ...(isRedirect ? { detail: `to ${location ?? 'no location'}` } : {}),
    },
  );
}

/** The beginning of a body, as it can be stored and shown. */
export function recorded(body: string): string {
  // PostgreSQL cannot store NUL characters in text.
  return body.slice(0, RESPONSE_LIMIT).replaceAll('\0', '\uFFFD');
}

function toUnavailable(
  error: Error & { code?: string },
  arrival: Arrival,
  guard: Guard | undefined,
): PeerUnavailable {
  const { message, name, code = name } = error;
  const why = describeFailure(error, guard !== undefined);
  // In TLS 1.3 the peer refuses our certificate after our own handshake is done (RFC 8446 §4.4.2.4), and reads nothing.
  const isUnread = error instanceof TargetRefused || why === OWN_REFUSED;
  return new PeerUnavailable(why, isUnread ? 'not sent' : arrival, {
    detail: message.includes(code) ? message : `${code}: ${message}`,
  });
}

const isClosed = ({ code }: NodeJS.ErrnoException) => /^(ECONNRESET|EPIPE)$/.test(code ?? '');
