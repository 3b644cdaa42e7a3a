// HTTP Basic authentication by account SID and auth token, or by API key SID and secret.
import { hash } from 'node:crypto';
import type { Context } from '../context.ts';
import { authenticate } from '../profile/account.ts';
import type { Caller } from '../profile/account.ts';
import { ApiError } from './api-error.ts';

/** For so long a revoked key or a rotated token may still work. */
const REMEMBER_MS = 1_000;
const REMEMBER_LIMIT = 10_000;

/** Finds out who sent an Authorization header. Throws `ApiError` 401. */
export function authenticator(
  context: Context,
): (header: string | undefined) => Caller | Promise<Caller> {
  const remembered = new Map<string, { caller: Caller; until: number }>();

  async function ask(header: string, key: string): Promise<Caller> {
    const { username, password } = parseBasic(header);
    const caller = await authenticate(username, password, context.masterKey, context.store);
    if (typeof caller === 'string') {
      throw new ApiError(
        'badCredentials',
        `Authentication Error - ${caller}`,
        'Your AccountSid or AuthToken was incorrect.',
      );
    }
    if (remembered.size >= REMEMBER_LIMIT) remembered.clear();
    remembered.set(key, { caller, until: Date.now() + REMEMBER_MS });
    return caller;
  }

  return (header) => {
    if (header === undefined) {
      throw new ApiError('badCredentials', 'Authentication Error - No credentials provided');
    }
    // The digest is the key, so that how long the look-up takes tells nothing about a secret.
    const key = hash('sha256', header, 'base64');
    const known = remembered.get(key);
    if (known !== undefined && Date.now() < known.until) return known.caller;
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
