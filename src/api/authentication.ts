// HTTP Basic authentication by account SID and auth token or API key SID and secret; otherwise by the session of a
// browser signed in to the console.
import { hash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Context } from '../context.ts';
import { authenticate } from '../operator/account/account.ts';
import type { Caller } from '../operator/account/account.ts';
import { findConsoleSession } from '../operator/account/console-session.ts';
import { readSessionCookie } from '../session-cookie.ts';
import { ApiError } from './api-error.ts';

/** How long a revoked key or a rotated token can still read. */
const REMEMBER_MS = 1_000;
const REMEMBER_LIMIT = 10_000;

/**
 * Authenticates the sender of these headers. Throws `ApiError` 401.
 * @param isWrite whether the request may change something: then the cache is bypassed, so a revocation confirmed by
 * any node takes effect at once
 */
export type Authenticator = (
  headers: IncomingHttpHeaders,
  isWrite?: boolean,
) => Caller | Promise<Caller>;

export function authenticator({
  masterKey,
  now,
  store,
}: Pick<Context, 'masterKey' | 'now' | 'store'>): Authenticator {
  const remembered = new Map<string, { caller: Caller; until: number }>();

  async function ask(header: string, key: string): Promise<Caller> {
    const { username, password } = parseBasic(header);
    const caller = await authenticate(username, password, masterKey, store);
    if (typeof caller === 'string') {
      remembered.delete(key);
      throw new ApiError(
        'badCredentials',
        `Authentication Error - ${caller}`,
        'Your AccountSid or AuthToken was incorrect.',
      );
    }
    if (remembered.size >= REMEMBER_LIMIT) remembered.clear();
    remembered.set(key, { caller, until: performance.now() + REMEMBER_MS });
    return caller;
  }

  /** Not cached: signing out takes effect at once. */
  async function askSession(id: string): Promise<Caller> {
    const session = await findConsoleSession(id, masterKey, now(), store);
    if (session !== undefined) return session.caller;
    throw new ApiError('badCredentials', 'Authentication Error - the session has ended');
  }

  return ({ authorization: header, cookie }, isWrite = false) => {
    if (header === undefined) {
      const session = readSessionCookie(cookie);
      if (session !== undefined) return askSession(session);
      throw new ApiError('badCredentials', 'Authentication Error - No credentials provided');
    }
    // Keyed by digest, so the timing of the lookup reveals nothing about a secret.
    const key = hash('sha256', header, 'base64');
    const known = isWrite ? undefined : remembered.get(key);
    if (known !== undefined && performance.now() < known.until) return known.caller;
    return ask(header, key);
  };
}

/** RFC 7617 §2 */
function parseBasic(header: string): { username: string; password: string } {
  const credentials = /^Basic +([A-Za-z0-9+/=_-]+)$/i.exec(header)?.[1];
  const text = credentials === undefined ? '' : Buffer.from(credentials, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon === -1) {
    throw new ApiError(
      'badCredentials',
      'Authentication Error - invalid credentials',
      'Expected HTTP Basic authentication: account SID and auth token, or API key SID and secret.',
    );
  }
  return { username: text.slice(0, colon), password: text.slice(colon + 1) };
}
