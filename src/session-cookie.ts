// The cookie that holds a browser's console session (RFC 6265).

const NAME = 'simwright_session';
const FORM = new RegExp(`(?:^|; *)${NAME}=([\\w-]{43})(?=;|$)`);

/** @returns the session's id in a `Cookie` header */
export function readSessionCookie(header: string | undefined): string | undefined {
  return header === undefined ? undefined : FORM.exec(header)?.[1];
}

/**
 * A `Set-Cookie` header: scripts cannot read the cookie, and other sites cannot make a browser send it.
 * @param secure whether the browser sends it over https only
 */
export function writeSessionCookie(id: string, seconds: number, secure: boolean): string {
  const flags = `Path=/; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
  return `${NAME}=${id}; Max-Age=${seconds}; ${flags}`;
}
