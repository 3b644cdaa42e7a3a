// Signing in to the console: a browser sends credentials or a ticket once, and gets a session cookie.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../context.ts';
import {
  endConsoleSession,
  findConsoleSession,
  hasCsrfToken,
  redeemConsoleTicket,
  SESSION_LIFETIME_SECONDS,
  signIn,
  SignInRefused,
} from '../operator/account/console-session.ts';
import type { BegunSession, ConsoleSession } from '../operator/account/console-session.ts';
import { apiDate } from '../values/date.ts';
import { readSessionCookie, writeSessionCookie } from '../session-cookie.ts';

const PATH = '/console/session';
type SessionContext = Pick<Context, 'masterKey' | 'store' | 'transact' | 'now' | 'counts'>;

const HIDDEN = { schema: { hide: true } };

/** `SignInRefused` is rendered by the API's error handler, in the API's format. */
export function registerSessionRoutes(
  app: FastifyInstance,
  context: SessionContext & Pick<Context, 'publicUrl'>,
): void {
  const { store, masterKey, now } = context;

  function setCookie(reply: FastifyReply, id: string, seconds: number): void {
    const secure = context.publicUrl.startsWith('https:');
    reply.header('Set-Cookie', writeSessionCookie(id, seconds, secure));
  }

  /** Throws `SignInRefused` if there is no session. */
  async function current(
    request: FastifyRequest,
  ): Promise<{ id: string; session: ConsoleSession }> {
    const id = readSessionCookie(request.headers.cookie);
    const session = id && (await findConsoleSession(id, masterKey, now(), store));
    if (!id || !session) {
      throw new SignInRefused('badCredentials', 'Authentication Error - not signed in');
    }
    request.caller = session.caller;
    return { id, session };
  }

  app.post(PATH, HIDDEN, async (request, reply) => {
    if (isForeign(request, context.publicUrl)) {
      throw new SignInRefused('accessDenied', 'Access Denied: sent by a page of another site');
    }
    const begun = await begin(request, reply, context);
    request.caller = begun.caller;
    setCookie(reply, begun.id, SESSION_LIFETIME_SECONDS);
    return send(begun, reply.code(201));
  });

  app.get(PATH, HIDDEN, async (request, reply) => send((await current(request)).session, reply));

  app.delete(PATH, HIDDEN, async (request, reply) => {
    const { id, session } = await current(request);
    if (!hasCsrfToken(session.csrfToken, request.headers['x-csrf-token'])) {
      throw new SignInRefused('accessDenied', 'Access Denied: X-CSRF-Token is missing or wrong');
    }
    await endConsoleSession(id, context);
    setCookie(reply, '', 0);
    return reply.code(204).send();
  });
}

/** Throws `SignInRefused`. */
async function begin(
  request: FastifyRequest,
  reply: FastifyReply,
  context: SessionContext,
): Promise<BegunSession> {
  const { account_sid, auth_token, ticket } = (request.body ?? {}) as Record<string, unknown>;
  // 256 bits cannot be guessed: anyone with a ticket may use it.
  if (typeof ticket === 'string') return redeemConsoleTicket(ticket, context);
  if (typeof account_sid !== 'string' || typeof auth_token !== 'string') {
    throw new SignInRefused(
      'invalidParameter',
      'Expected JSON with account_sid and auth_token, or with ticket',
    );
  }
  const seconds = await context.counts.beginSignIn(request.ip);
  if (seconds > 0) {
    reply.header('Retry-After', String(seconds));
    throw new SignInRefused(
      'tooManyRequests',
      'Too many failed attempts to sign in; try again later',
    );
  }
  const begun = await signIn(account_sid, auth_token, context);
  context.counts.signedIn(request.ip);
  return begun;
}

/** Whether another site's page sent the request; that must not be able to sign a browser in. */
function isForeign({ headers }: FastifyRequest, publicUrl: string): boolean {
  const { origin, host } = headers;
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
  if (origin === undefined || origin === new URL(publicUrl).origin) return false;
  return URL.parse(origin)?.host !== host;
}

function send(session: ConsoleSession, reply: FastifyReply): FastifyReply {
  const { caller, friendlyName, csrfToken, dateExpires } = session;
  return reply.header('Cache-Control', 'no-store').send({
    account_sid: caller.accountSid,
    friendly_name: friendlyName,
    scope: caller.scope,
    csrf_token: csrfToken,
    date_expires: apiDate(dateExpires),
  });
}
