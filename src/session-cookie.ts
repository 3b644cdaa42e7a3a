// The cookie in which a browser keeps its session of the console (RFC 6265).

const NAME = 'simwright_session';
const FORM = new RegExp(`(?:^|; *)${NAME}=([\\w-]{43})(?=;|$)`);

/** @returns the session's id in a `Cookie` header */
export function readSessionCookie(header: string | undefined): string | undefined {
  return header === undefined ? undefined : FORM.exec(header)?.[1];
}

/**
 * A `Set-Cookie` header. No script can read it, and no other site can have it sent.
 * @param secure whether it is sent over https alone
 */
export function writeSessionCookie(id: string, seconds: number, secure: boolean): string {
  const flags = `Path=/; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
  return `${NAME}=${id}; Max-Age=${seconds}; ${flags}`;
}
