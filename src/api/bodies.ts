// How bodies of requests are read, besides forms.
import type { FastifyInstance } from 'fastify';
import { ApiError } from './api-error.ts';
import { decodeCsv } from './batch-csv.ts';

/** Passes bodies of this media type to the handler unread; refuses others. */
export function takeAsItComes(mediaType: string, scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser(mediaType, (_request, body, done) => done(null, body));
  scope.addContentTypeParser('*', (_request, _body, done) =>
    done(new ApiError('unsupportedMediaType', `Expected Content-Type ${mediaType}`)),
  );
}

/** Besides form and JSON. */
export function takeCsv(scope: FastifyInstance): void {
  scope.removeContentTypeParser('text/plain');
  scope.addContentTypeParser('*', (_request, _body, done) =>
    done(
      new ApiError(
        'unsupportedMediaType',
        'Expected Content-Type application/x-www-form-urlencoded, application/json or text/csv',
      ),
    ),
  );
  scope.addContentTypeParser('text/csv', { parseAs: 'buffer' }, (request, body, done) => {
    try {
      request.csv = decodeCsv(Buffer.from(body));
      done(null, {});
    } catch (error) {
      done(new ApiError('invalidParameter', `Invalid CSV: ${(error as Error).message}`));
    }
  });
}

/** Some clients declare JSON for an empty body, with DELETE for example. */
export function takeEmptyJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null);
    else void parse(request, String(body), done);
  });
}
