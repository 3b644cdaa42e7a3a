// Signing in to the console: a browser sends credentials or a ticket once, and gets a session cookie. It may be signed in to
// several accounts, one of which is in use: all its requests are for that one, and the others only wait.
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
import {
  readOtherSessions,
  readSessionCookie,
  SESSION_PATH,
  writeOtherSessions,
  writeSessionCookie,
} from '../session-cookie.ts';

/** Sessions that a browser may have besides the one in use. */
const OTHERS_LIMIT = 9;
type SessionContext = Pick<Context, 'masterKey' | 'store' | 'transact' | 'now' | 'counts'>;

const HIDDEN = { schema: { hide: true } };

/** `SignInRefused` is rendered by the API's error handler, in the API's format. */
export function registerSessionRoutes(
  app: FastifyInstance,
  context: SessionContext & Pick<Context, 'publicUrl'>,
): void {
  const { store, masterKey, now } = context;

  /** @param id of the session in use; empty: none */
  function setCookies(reply: FastifyReply, id: string, waiting: readonly string[] | undefined) {
    const secure = context.publicUrl.startsWith('https:');
    const cookies = [writeSessionCookie(id, id === '' ? 0 : SESSION_LIFETIME_SECONDS, secure)];
    if (waiting !== undefined) {
      cookies.push(writeOtherSessions(waiting, SESSION_LIFETIME_SECONDS, secure));
    }
    reply.header('Set-Cookie', cookies);
  }

  async function find(id: string): Promise<Held | undefined> {
    const session = await findConsoleSession(id, masterKey, now(), store);
    return session && { id, session };
  }

  async function current({ headers }: FastifyRequest): Promise<Held | undefined> {
    const id = readSessionCookie(headers.cookie);
    return id === undefined ? undefined : find(id);
  }

  /** Those that have not ended. */
  async function others({ headers }: FastifyRequest): Promise<Held[]> {
    const ids = readOtherSessions(headers.cookie).slice(0, OTHERS_LIMIT);
    const found = await Promise.all(ids.map(find));
    return found.filter((held) => held !== undefined);
  }

  /** Throws `SignInRefused` if there is no session. */
  async function need(request: FastifyRequest): Promise<Held> {
    const held = await current(request);
    if (held === undefined) {
      throw new SignInRefused('badCredentials', 'Authentication Error - not signed in');
    }
    request.caller = held.session.caller;
    return held;
  }

  app.post(SESSION_PATH, HIDDEN, async (request, reply) => {
    if (isForeign(request, context.publicUrl)) {
      throw new SignInRefused('accessDenied', 'Access Denied: sent by a page of another site');
    }
    const { switch_to: switchTo } = (request.body ?? {}) as Record<string, unknown>;
    const held = await Promise.all([current(request), others(request)]);
    const known = held.flat().filter((one) => one !== undefined);
    const next =
      typeof switchTo === 'string'
        ? known.find(({ session }) => session.caller.accountSid === switchTo)
        : await begin(request, reply, context).then((session) => ({ id: session.id, session }));
    if (next === undefined) {
      throw new SignInRefused('badCredentials', 'Authentication Error - not signed in to it');
    }
    const { caller } = next.session;
    request.caller = caller;
    const rest = known.filter(({ session }) => session.caller.accountSid !== caller.accountSid);
    // A browser has one session for each account.
    for (const one of known) {
      if (one.id !== next.id && !rest.slice(0, OTHERS_LIMIT).includes(one)) {
        await endConsoleSession(one.id, context);
      }
    }
    const waiting = rest.slice(0, OTHERS_LIMIT).map(({ id }) => id);
    const isSame = waiting.join() === readOtherSessions(request.headers.cookie).join();
    setCookies(reply, next.id, isSame ? undefined : waiting);
    return send(next.session, reply.code(typeof switchTo === 'string' ? 200 : 201));
  });

  app.get(SESSION_PATH, HIDDEN, async (request, reply) =>
    send((await need(request)).session, reply),
  );

  /** The accounts that the browser is signed in to. Without a session in use, it may continue with another one. */
  app.get(`${SESSION_PATH}/accounts`, HIDDEN, async (request, reply) => {
    const held = await Promise.all([current(request), others(request)]);
    return reply.header('Cache-Control', 'no-store').send({
      accounts: held
        .flat()
        .filter((one) => one !== undefined)
        .map(({ session: { caller, friendlyName } }) => ({
          account_sid: caller.accountSid,
          friendly_name: friendlyName,
          scope: caller.scope,
        })),
    });
  });

  /** `All=true`: also of the other accounts. */
  app.delete(SESSION_PATH, HIDDEN, async (request, reply) => {
    const { id, session } = await need(request);
    if (!hasCsrfToken(session.csrfToken, request.headers['x-csrf-token'])) {
      throw new SignInRefused('accessDenied', 'Access Denied: X-CSRF-Token is missing or wrong');
    }
    const isAll = (request.query as Record<string, unknown>)['All'] === 'true';
    const ended = isAll ? await others(request) : [];
    for (const one of [id, ...ended.map((other) => other.id)]) {
      await endConsoleSession(one, context);
    }
    setCookies(reply, '', isAll ? [] : undefined);
    return reply.code(204).send();
  });
}

/** A session whose cookie the browser has sent. */
interface Held {
  id: string;
  session: ConsoleSession;
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
