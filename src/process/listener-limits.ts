// How long a client of either listener may take, so that one that is silent or slow holds nothing for good.
// Event streams are not meant: they go on, and api/streams.ts watches them.
import type { ServerOptions } from 'node:http';
import { UPGRADE_OPTIONS } from './listener-upgrade.ts';

/** Milliseconds. */
export interface ListenerLimits {
  /** From the connection to the end of the TLS handshake, whatever comes meanwhile; plain HTTP has none. */
  handshakeMs: number;
  /** For the head of a request, the first one after the connection or the handshake. */
  headersMs: number;
  /** For all of a request. */
  requestMs: number;
  /** While a request or its answer is under way: without a byte in either direction. */
  idleMs: number;
  /** Between an answer and the next request. */
  keepAliveMs: number;
  /** How often `headersMs` and `requestMs` are looked at. */
  checkEveryMs: number;
}

/** Proxies keep their connections to us for 60 s as a rule, and should be the ones to close them. */
const KEEP_ALIVE_MS = 72_000;
const CHECK_EVERY_MS = 5_000;

export const API_LIMITS: ListenerLimits = {
  handshakeMs: 0,
  headersMs: 30_000,
  // A file may come over a slow line, and its import take long.
  requestMs: 300_000,
  idleMs: 300_000,
  keepAliveMs: KEEP_ALIVE_MS,
  checkEveryMs: CHECK_EVERY_MS,
};

export const ES9PLUS_LIMITS: ListenerLimits = {
  handshakeMs: 20_000,
  headersMs: 30_000,
  requestMs: 30_000,
  idleMs: 60_000,
  keepAliveMs: KEEP_ALIVE_MS,
  checkEveryMs: CHECK_EVERY_MS,
};

/** As Fastify takes them, with what `careForConnections` needs. */
export function fastifyOptions(limits: ListenerLimits) {
  const http: ServerOptions = {
    ...UPGRADE_OPTIONS,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    connectionsCheckingInterval: limits.checkEveryMs,
  };
  return {
    http,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    connectionTimeout: limits.idleMs,
  };
}
