// The cookies that hold a browser's console sessions (RFC 6265): the one that is in use, which authenticates its requests,
// and those of other accounts that it may switch to.

const NAME = 'simwright_session';
const OTHERS = 'simwright_others';
const ID = '[\\w-]{43}';
const FORM = new RegExp(`(?:^|; *)${NAME}=(${ID})(?=;|$)`);
const OTHERS_FORM = new RegExp(`(?:^|; *)${OTHERS}=(${ID}(?:\\.${ID})*)(?=;|$)`);
/** Where sessions are begun and switched: elsewhere, the browser does not even send the others. */
export const SESSION_PATH = '/console/session';

/** @returns the session's id in a `Cookie` header */
export function readSessionCookie(header: string | undefined): string | undefined {
  return header === undefined ? undefined : FORM.exec(header)?.[1];
}

/** @returns ids of the sessions that are not in use, the last used first */
export function readOtherSessions(header: string | undefined): string[] {
  const found = header === undefined ? undefined : OTHERS_FORM.exec(header)?.[1];
  return found?.split('.') ?? [];
}

/**
 * A `Set-Cookie` header: scripts cannot read the cookie, and other sites cannot make a browser send it.
 * @param secure whether the browser sends it over https only
 */
export function writeSessionCookie(id: string, seconds: number, secure: boolean): string {
  return write(NAME, id, seconds, '/', secure);
}

/** As `writeSessionCookie`; without ids, the cookie is deleted. */
export function writeOtherSessions(
  ids: readonly string[],
  seconds: number,
  secure: boolean,
): string {
  return write(OTHERS, ids.join('.'), ids.length === 0 ? 0 : seconds, SESSION_PATH, secure);
}

function write(name: string, value: string, seconds: number, path: string, secure: boolean) {
  const flags = `Path=${path}; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
  return `${name}=${value}; Max-Age=${seconds}; ${flags}`;
}
