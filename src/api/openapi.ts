// The OpenAPI document, made from the schemas that validate, and a page to read it.
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { FastifyInstance, FastifySchema } from 'fastify';
import type { Context } from '../context.ts';
import type { Operation } from './operation.ts';
import { COMPONENTS, ref } from './schemas.ts';

const FORM = 'application/x-www-form-urlencoded';
/** The page works with what this server serves, and nothing else. */
const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; " +
  "img-src 'self' data:; connect-src 'self'; base-uri 'self'; frame-ancestors 'none'";
const SECURITY = [{ accountSid_authToken: [] }];

export async function registerOpenApi(app: FastifyInstance, context: Context): Promise<void> {
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
      components: {
        securitySchemes: { accountSid_authToken: { type: 'http', scheme: 'basic' } },
      },
      security: SECURITY,
    },
    refResolver: {
      buildLocalReference: ({ $id }, _base, _fragment, index) =>
        typeof $id === 'string' ? $id : `def-${index}`,
    },
  });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    uiConfig: { deepLinking: true, defaultModelsExpandDepth: 0, validatorUrl: null },
    staticCSP: PAGE_POLICY,
  });
  app.get('/openapi.json', { schema: { hide: true } }, async () => ({
    ...app.swagger(),
    servers: [{ url: context.publicUrl }],
  }));
}

const ERRORS: Record<number, string> = {
  400: 'A parameter is not valid.',
  401: 'The credentials are missing or wrong.',
  404: 'There is no such resource.',
  429: 'Too many requests at the same time.',
  500: 'Something went wrong on our side.',
  503: 'The database cannot answer at the moment.',
};
const WRITE_ERRORS: Record<number, string> = {
  403: 'The API key may only read.',
  409: 'The same is being done by another request.',
  413: 'The body is too large.',
  415: 'The body is neither a form nor JSON.',
  422: 'The Idempotency-Key was used with other parameters.',
};

/** What Fastify validates and the document shows. */
export function routeSchema(operation: Operation): FastifySchema {
  const { query, params, body, responses } = operation;
  const errors = operation.method === 'GET' ? ERRORS : { ...ERRORS, ...WRITE_ERRORS };
  const response: Record<string, unknown> = {};
  for (const [status, { description, schema }] of Object.entries(responses)) {
    response[status] = { description, content: { 'application/json': { schema } } };
  }
  if (operation.method === 'GET') {
    response['304'] = { description: 'What If-None-Match names is the newest.', type: 'null' };
  }
  for (const [status, description] of Object.entries(errors)) {
    response[status] = { description, content: { 'application/json': { schema: ref('Error') } } };
  }
  return {
    operationId: operation.operationId,
    summary: operation.summary,
    tags: [operation.tag],
    security: SECURITY,
    ...(operation.description === undefined ? {} : { description: operation.description }),
    ...(query === undefined ? {} : { querystring: query }),
    ...(params === undefined ? {} : { params }),
    ...(body === undefined ? {} : { body, consumes: [FORM, 'application/json'] }),
    response,
  };
}
