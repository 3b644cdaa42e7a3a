// The OpenAPI document, generated from the schemas that validate, and a page to read it.
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance, FastifySchema } from 'fastify';
import type { TSchema } from 'typebox';
import type { Context } from '../context.ts';
import { es2plusDocument } from '../es2plus/openapi.ts';
import type { Need } from '../operator/account/scope.ts';
import { needOf } from './operation.ts';
import type { Operation, ResponseBody } from './operation.ts';
import { exampleOf, examplePath } from './answer-examples.ts';
import { COMPONENTS, ref } from './answer-schemas.ts';
import { ERROR_EXAMPLES } from './error-examples.ts';
import { TAGS } from './openapi-tags.ts';
import { WEBHOOKS, WEBHOOK_SECURITY } from './openapi-webhooks.ts';
import { docsPage } from './docs-page.ts';
import { withSharedResponses } from './shared-responses.ts';

const FORM = 'application/x-www-form-urlencoded';
const SECURITY = [{ accountSid_authToken: [] }];

export async function registerOpenApi(
  app: FastifyInstance,
  context: Pick<Context, 'publicUrl'>,
): Promise<void> {
  for (const component of COMPONENTS) app.addSchema(component);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Simwright',
        version: '1',
        description:
          'The Super SIM eSIM Profiles API, answered by your own server. Sign in with an account ' +
          'SID and its auth token, or with an API key SID and its secret.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: '/' }],
      tags: [...TAGS],
      webhooks: WEBHOOKS,
      components: {
        securitySchemes: {
          accountSid_authToken: {
            type: 'http',
            scheme: 'basic',
            description: 'Account SID and auth token, or API key SID and secret.',
          },
          ...WEBHOOK_SECURITY,
        },
      },
      security: SECURITY,
    },
    transform: ({ schema, url }) => ({ schema: shownSchema(schema), url }),
    transformObject: (document) => {
      if (!('openapiObject' in document)) return document.swaggerObject;
      return withSharedResponses(withStyles(document.openapiObject));
    },
    refResolver: {
      buildLocalReference: ({ $id }, _base, _fragment, index) =>
        typeof $id === 'string' ? $id : `def-${index}`,
    },
  });
  await app.register(swaggerUi, docsPage);
  app.get('/openapi.json', { schema: { hide: true } }, async () => ({
    ...app.swagger(),
    servers: [{ url: context.publicUrl }],
  }));
  const es2plus = es2plusDocument();
  app.get('/es2plus/openapi.json', { schema: { hide: true } }, async () => es2plus);
}

/** Says how an object in a query is written: a parameter `Name[KEY]` for each key. */
function withStyles<T>(document: T): T {
  const restyled = JSON.stringify(document, (_key, value: unknown) => {
    const { in: place, schema } = (value ?? {}) as { in?: unknown; schema?: { type?: unknown } };
    const isMap = place === 'query' && schema?.type === 'object';
    return isMap ? { ...(value as object), style: 'deepObject', explode: true } : value;
  });
  return JSON.parse(restyled) as T;
}

/**
 * Documents an upload as a string, though its route has no type so that the validator lets the stream pass; and what an
 * operation validates by itself.
 */
function shownSchema(schema: ShownSchema): FastifySchema {
  const { content } = (schema.body ?? {}) as { content?: Record<string, { schema: object }> };
  if (content === undefined) return schema;
  const shown = Object.entries(content).map(([type, { schema: own, ...rest }]) => [
    type,
    { ...rest, schema: 'type' in own ? (schema.shownBody ?? own) : { type: 'string', ...own } },
  ]);
  return { ...schema, body: { content: Object.fromEntries(shown) as object } };
}

/** Fastify looks only at the members that it knows. */
type ShownSchema = FastifySchema & { shownBody?: TSchema };

const ERRORS: Record<number, string> = {
  400: 'A parameter is invalid.',
  401: 'The credentials are missing or wrong.',
  404: 'The resource does not exist.',
  405: 'The path does not support this method.',
  429: 'Too many concurrent requests.',
  431: 'The headers are too large.',
  500: 'Something went wrong on our side.',
  503: 'The database cannot answer at the moment.',
};
const WRITE_ERRORS: Record<number, string> = {
  409: 'Another request is in conflict with this one.',
  413: 'The body is too large.',
  415: 'The media type of the body is not supported.',
  422: 'The Idempotency-Key was used with other parameters.',
};

const scopeError = (need: Need) =>
  `The scope of the API key is not ${need === 'full' ? '`full`' : `\`${need}\` or \`full\``}.`;

const NO_BODY = { type: 'null' };

const text = (description: string) => ({ type: 'string', description });

/** As declared on every response. */
const HEADERS = {
  'Access-Control-Allow-Origin': text('The allowed origins: all.'),
  'Access-Control-Allow-Methods': text('The allowed methods.'),
  'Access-Control-Allow-Headers': text('The allowed request headers.'),
  'Access-Control-Allow-Credentials': {
    type: 'boolean',
    description: 'Whether browsers send credentials by themselves: no.',
  },
  'Access-Control-Expose-Headers': text('The response headers that scripts may read.'),
  'Cache-Control': text('For browser sessions: keeps shared caches from storing the response.'),
  'Twilio-Request-Id': text('SID of the request, as logged.'),
};
const COUNTED = {
  'Twilio-Concurrent-Requests': text('Concurrent requests of the account.'),
};
/** As far as there are such limits. */
const LIMITED = {
  'RateLimit-Policy': text(
    'The limits of requests, `"account"` and `"address"`: `q` requests in `w` seconds. Left out if there is none.',
  ),
  RateLimit: text(
    'Of each limit: `r` requests are left now, and all of them again in `t` seconds.',
  ),
};
const ALLOW = { Allow: text('The methods that the path supports.') };
const CHALLENGE = {
  'WWW-Authenticate': text(
    'How to sign in; left out for scripts of a page, which prompt by themselves.',
  ),
};
const VALIDATOR = { ETag: text('Identifies this version of the body, for If-None-Match.') };
const RETRY_AFTER = { 'Retry-After': text('Seconds to wait before the next attempt.') };
const REPLAYED = {
  'Idempotent-Replayed': text('`true`: the response is that of the first request with this key.'),
};

const IF_NONE_MATCH = {
  type: 'string',
  description: 'ETags known to the client: 304 if one is current.',
};
const IDEMPOTENCY_KEY = {
  type: 'string',
  minLength: 1,
  maxLength: 255,
  description:
    'Identifies the request: repeated, it takes effect once and gets the first response again.',
};

function headersOf(
  { method, idempotent, streams, answerHeaders = {} }: Operation,
  status: number,
): object {
  return {
    ...HEADERS,
    ...(status === 405 ? {} : { ...COUNTED, ...LIMITED }),
    ...(method === 'GET' && streams === undefined && (status === 200 || status === 304)
      ? VALIDATOR
      : {}),
    ...(status === 401 ? CHALLENGE : {}),
    ...(status === 405 ? ALLOW : {}),
    ...(status === 429 || status === 503 ? RETRY_AFTER : {}),
    ...(idempotent === true && status < 300 ? REPLAYED : {}),
    ...(status < 400
      ? Object.fromEntries(Object.entries(answerHeaders).map(([name, why]) => [name, text(why)]))
      : {}),
  };
}

interface MediaType {
  schema: TSchema;
  example?: unknown;
}

function contentOf(
  body: Exclude<ResponseBody, { empty: true }>,
  path: string,
): Record<string, MediaType> {
  if (!('content' in body)) {
    const { schema, example = exampleOf(schema, path) } = body;
    return { 'application/json': { schema, example } };
  }
  return Object.fromEntries(
    Object.entries(body.content).map(([type, schema]) => {
      const example = exampleOf(schema, path);
      return [type, example === undefined ? { schema } : { schema, example }];
    }),
  );
}

/** CSV has no type, or the validator would reject it. */
function bodyOrCsv(body: TSchema, csv: NonNullable<Operation['csv']>): object {
  const { description, example } = csv;
  return {
    content: {
      [FORM]: { schema: body },
      'application/json': { schema: body },
      'text/csv': { schema: { description }, example },
    },
  };
}

/** The schema that Fastify validates by and the document shows. */
export function routeSchema(operation: Operation): ShownSchema {
  const { query, params, body, shownBody, csv, upload, responses, idempotent } = operation;
  const need = needOf(operation);
  const errors = {
    ...ERRORS,
    ...(operation.method === 'GET' ? {} : WRITE_ERRORS),
    ...(need === 'read' ? {} : { 403: scopeError(need) }),
    ...operation.errors,
  };
  const response: Record<string, unknown> = {};
  function declare(status: number, description: string, content: object): void {
    response[status] = { description, headers: headersOf(operation, status), ...content };
  }
  for (const [status, description] of Object.entries(errors)) {
    const example = ERROR_EXAMPLES[Number(status)];
    const error = { 'application/json': { schema: ref('Error'), example } };
    declare(Number(status), description, { content: error });
  }
  const validated = operation.method === 'GET' && operation.streams === undefined;
  if (validated) {
    declare(304, 'An ETag of If-None-Match is current.', NO_BODY);
  }
  for (const [status, answered] of Object.entries(responses)) {
    const empty = 'empty' in answered;
    declare(
      Number(status),
      answered.description,
      empty ? NO_BODY : { content: contentOf(answered, examplePath(operation.path)) },
    );
  }
  const headers = {
    ...(validated ? { 'If-None-Match': IF_NONE_MATCH } : {}),
    ...(idempotent === true ? { 'Idempotency-Key': IDEMPOTENCY_KEY } : {}),
    ...operation.headers,
  };
  return {
    operationId: operation.operationId,
    summary: operation.summary,
    tags: [operation.tag],
    security: SECURITY,
    ...(operation.description === undefined ? {} : { description: operation.description }),
    ...(query === undefined ? {} : { querystring: query }),
    ...(params === undefined ? {} : { params }),
    ...(Object.keys(headers).length === 0
      ? {}
      : { headers: { type: 'object', properties: headers } }),
    ...(body === undefined || csv !== undefined
      ? {}
      : { body, consumes: [FORM, 'application/json'] }),
    ...(body === undefined || csv === undefined ? {} : { body: bodyOrCsv(body, csv), shownBody }),
    // Without a type, or the validator would reject the stream.
    ...(upload === undefined
      ? {}
      : {
          body: {
            content: { [upload.mediaType]: { schema: { description: upload.description } } },
          },
        }),
    response,
  };
}
