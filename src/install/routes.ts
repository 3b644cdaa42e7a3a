// Install pages, for people who cannot sign in: whoever has the link sees the page.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../context.ts';
import { findInstallPage } from '../operator/install/install-link.ts';
import { Overloaded } from '../process/admission.ts';
import type { PageState } from './page.ts';
import { renderPage, stateOfPage } from './page.ts';
import type { Reader } from './reader.ts';
import { policyOf } from './style.ts';
import { chooseLanguage } from './translations.ts';
import { systemOf } from './visitor.ts';

const HIDDEN = { schema: { hide: true } };

const BUSY_SECONDS = 5;
/** While the profile is being prepared. Not in the page, because a reader may turn off what a page does by itself. */
const RELOAD_SECONDS = 5;

/** The page links only to installers and to the operator, and neither learns where it was. Nobody keeps it. */
const HEADERS = {
  'Cache-Control': 'no-store',
  'Content-Type': 'text/html; charset=utf-8',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Robots-Tag': 'noindex, nofollow, noarchive',
  Vary: 'Accept-Language, User-Agent',
};

type PageContext = Pick<Context, 'store' | 'now' | 'config' | 'log' | 'counts'>;

export function registerInstallPages(
  app: FastifyInstance,
  { store, now, config, log, counts }: PageContext,
): void {
  const readerOf = (request: FastifyRequest): Reader => {
    const languages = config.installLanguages;
    const { lang } = request.query as { lang?: unknown };
    const asked = typeof lang === 'string' ? lang : undefined;
    return {
      languages,
      language: chooseLanguage(languages, asked, request.headers['accept-language']),
      system: systemOf(request.headers['user-agent']),
    };
  };

  app.get('/robots.txt', HIDDEN, async (_request, reply) =>
    reply.type('text/plain; charset=utf-8').send('User-agent: *\nDisallow: /\n'),
  );

  void app.register(async (scope) => {
    scope.addHook('onRequest', async (_request, reply) => {
      // Scripts of other pages have no business here.
      for (const name of Object.keys(reply.getHeaders())) {
        if (name.startsWith('access-control-')) reply.removeHeader(name);
      }
    });
    scope.setErrorHandler(async (error, request, reply) => {
      if (error instanceof Overloaded) {
        request.isTurnedAway = true;
        return sendBusy(503, error.retryAfter, readerOf(request), reply);
      }
      if (!store.isUnavailable(error)) throw error;
      log.error({ err: error, request: request.id }, 'the database cannot answer');
      return sendBusy(503, BUSY_SECONDS, readerOf(request), reply);
    });
    for (const path of ['/i', '/i/*']) {
      scope.get(path, HIDDEN, async (request, reply) => {
        const reader = readerOf(request);
        const seconds = await counts.beginInstallPage(request.ip);
        if (seconds > 0) return sendBusy(429, seconds, reader, reply);
        const { '*': token = '' } = request.params as { '*'?: string };
        const page = await findInstallPage(token, now(), store);
        if (page === undefined) return sendPage('gone', undefined, reader, reply);
        counts.foundInstallPage(request.ip);
        const state = stateOfPage(page);
        if (state === 'preparing') reply.header('Refresh', String(RELOAD_SECONDS));
        return sendPage(state, page, reader, reply);
      });
    }
  });
}

function sendPage(
  state: PageState,
  page: Parameters<typeof renderPage>[1],
  reader: Reader,
  reply: FastifyReply,
  status = state === 'gone' ? 404 : 200,
): FastifyReply {
  const { body, accent } = renderPage(state, page, reader);
  return reply
    .code(status)
    .headers(HEADERS)
    .header('Content-Language', reader.language)
    .header('Content-Security-Policy', policyOf(accent))
    .send(body);
}

function sendBusy(
  status: number,
  seconds: number,
  reader: Reader,
  reply: FastifyReply,
): FastifyReply {
  reply.header('Retry-After', String(seconds));
  return sendPage('busy', undefined, reader, reply, status);
}
