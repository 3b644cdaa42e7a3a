// Time limits for the clients of both listeners: a silent or slow one holds nothing for long. Event streams are
// exempt; api/streams.ts watches them.
import type { ServerOptions } from 'node:http';
import { UPGRADE_OPTIONS } from './listener-upgrade.ts';

/** Milliseconds. */
export interface ListenerLimits {
  /** From the connection to the end of the TLS handshake, even if bytes keep arriving; 0 for plain HTTP. */
  handshakeMs: number;
  /** For the head of a request, the first counted from the connection or the handshake. */
  headersMs: number;
  /** For the whole request. */
  requestMs: number;
  /** Without a byte in either direction during a request or its response. */
  idleMs: number;
  /** Between a response and the next request. */
  keepAliveMs: number;
  /** How often `headersMs` and `requestMs` are checked. */
  checkEveryMs: number;
}

/** Proxies usually keep idle connections for 60 s, and should be the ones to close them. */
const KEEP_ALIVE_MS = 72_000;
const CHECK_EVERY_MS = 5_000;

export const API_LIMITS: ListenerLimits = {
  handshakeMs: 0,
  headersMs: 30_000,
  // A file may arrive over a slow line, and its import may take long.
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

/** As options for Node, except for `idleMs`, and with those that `careForConnections` needs. */
export function serverOptions(limits: ListenerLimits): ServerOptions {
  return {
    ...UPGRADE_OPTIONS,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    connectionsCheckingInterval: limits.checkEveryMs,
  };
}

/** As options for Fastify. */
export function fastifyOptions(limits: ListenerLimits) {
  return {
    http: serverOptions(limits),
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    connectionTimeout: limits.idleMs,
  };
}
