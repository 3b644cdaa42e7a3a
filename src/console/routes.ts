// The web console as files: what `bin/build-console.js` has made, and the headers it is served with.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

/** Beside this file in the package, which is built as a whole; apart from it in a checkout. */
const FOLDER = join(
  import.meta.dirname,
  import.meta.filename.endsWith('.ts') ? '../../dist/console/app' : 'app',
);
const HIDDEN = { schema: { hide: true } };

/** A file of the build; every other path is a page of the console, which index.html shows. */
const FILE = /^(assets\/[\w.-]+|icon\.svg|theme\.js)$/;

/** Names with a hash: what they hold never changes. */
const IMMUTABLE = 'public, max-age=31536000, immutable';

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "font-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

export async function registerConsole(app: FastifyInstance): Promise<void> {
  await app.register(async (scope) => {
    await scope.register(fastifyStatic, {
      root: FOLDER,
      serve: false,
      preCompressed: true,
      cacheControl: false,
    });
    scope.addHook('onRequest', async (_request, reply) => {
      // The API may be called from any page; the console is for its own alone.
      reply.removeHeader('Access-Control-Allow-Origin');
      reply.headers({
        'Content-Security-Policy': CONTENT_SECURITY_POLICY,
        'X-Content-Type-Options': 'nosniff',
        'Referrer-Policy': 'no-referrer',
      });
    });
    scope.get('/console', HIDDEN, async (_request, reply) => reply.redirect('/console/'));
    scope.get<{ Params: { '*': string } }>('/console/*', HIDDEN, async ({ params }, reply) => {
      const path = params['*'];
      const file = FILE.test(path) ? path : 'index.html';
      if (file === 'index.html' && !existsSync(join(FOLDER, file))) {
        return reply
          .code(404)
          .type('text/plain; charset=utf-8')
          .send('The console is not built here: that needs `npm ci` with the dev dependencies.\n');
      }
      reply.header('Cache-Control', file.startsWith('assets/') ? IMMUTABLE : 'no-cache');
      return reply.sendFile(file);
    });
  });
}
