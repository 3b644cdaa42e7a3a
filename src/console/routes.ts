// Serves the console's page from the folder made by its build.
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

const HIDDEN = { schema: { hide: true } };

/** The page loads nothing from other servers, and cannot be framed. */
const HEADERS = {
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
    "connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; " +
    "form-action 'self'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
};
/** File names in `assets/` contain a hash of the content. */
const IMMUTABLE = 'public, max-age=31536000, immutable';

const NOT_BUILT =
  'The console is not built. Build it with `npm run build:console`, then load this page again.\n';

/** @param folder output of the build; may be created later */
export async function registerConsole(app: FastifyInstance, folder: string): Promise<void> {
  for (const path of ['/', '/console']) {
    app.get(path, HIDDEN, async (_request, reply) => reply.redirect('/console/'));
  }
  const assets = join(folder, 'assets/');
  await app.register(
    async (scope) => {
      await scope.register(fastifyStatic, {
        root: folder,
        serve: false,
        preCompressed: true,
        cacheControl: false,
        dotfiles: 'ignore',
        setHeaders(reply, file) {
          if (file.startsWith(assets)) reply.header('Cache-Control', IMMUTABLE);
        },
        suppressWarning: true,
      });
      scope.get('/*', HIDDEN, async (request, reply) => {
        const { '*': path } = request.params as { '*': string };
        reply.headers({ ...HEADERS, 'Cache-Control': 'no-cache' });
        // Any path that is not a file is a route within the page.
        return reply.sendFile(isFile(path) ? path : 'index.html');
      });
      // The path leads out of the folder.
      scope.setErrorHandler(async (error: { statusCode?: number }, _request, reply) => {
        if (error.statusCode !== 403) throw error;
        return reply.callNotFound();
      });
      scope.setNotFoundHandler(async (request, reply) => {
        reply.header('Cache-Control', 'no-store').type('text/plain; charset=utf-8');
        if (!isFile(request.url.split('?', 1)[0]!)) return reply.code(503).send(NOT_BUILT);
        return reply.code(404).send('File not found.\n');
      });
    },
    { prefix: '/console' },
  );
}

function isFile(path: string): boolean {
  return path.slice(path.lastIndexOf('/') + 1).includes('.');
}
