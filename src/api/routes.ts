// The API's HTTP server: authenticates callers and routes requests to operations.
import { Readable } from 'node:stream';
import formbody from '@fastify/formbody';
import { fastify } from 'fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../context.ts';
import type { Caller } from '../operator/account/account.ts';
import { hasCsrfToken } from '../operator/account/console-session.ts';
import { mayDo, refusal } from '../operator/account/scope.ts';
import { EventFeed } from '../operator/events/event-feed.ts';
import { esimProfileSource, euiccSource } from '../operator/events/event-source.ts';
import { API_LIMITS, fastifyOptions } from '../process/listener-limits.ts';
import { careForConnections } from '../process/listener-upgrade.ts';
import { endConnectionWith } from '../process/open-responses.ts';
import { partOf } from '../process/peers.ts';
import { within } from '../process/request-scope.ts';
import { requestIdOf } from '../values/request-id.ts';
import { admitRequests, isTurnedAway, leave } from './admit.ts';
import { AnswerCache } from './answer-cache.ts';
import { ApiError, notFound } from './api-error.ts';
import { authenticator } from './authentication.ts';
import { takeAsItComes, takeCsv, takeEmptyJson } from './bodies.ts';
import { concurrencyLimit } from './concurrency.ts';
import { answerClientError, lastAnswer, toApiError } from './error-answer.ts';
import { registerHealth } from './health.ts';
import { registerOpenApi, routeSchema } from './openapi.ts';
import { needOf } from './operation.ts';
import type { Operation } from './operation.ts';
import { OPERATIONS } from './operations.ts';
import { registerOtherMethods } from './other-methods.ts';
import { normaliser, validationError } from './parameters.ts';
import { pathOf } from './path-of.ts';
import { requestLimits } from './rate-limits.ts';
import { logRequest, noteDenial, traceRequest } from './request-log.ts';
import { answerError, sendAnswer } from './send-answer.ts';
import { Streams } from './streams.ts';
import { validatorCompiler } from './validators.ts';

const BODY_LIMIT = 64 * 1024;
/** Requests of an account that may each need much memory. */
const MAX_BATCHES = 4;
/** Of all accounts, in this process: as much memory as they may need together. */
const ALL_BATCHES = 32;
const ALL_EXPORTS = 64;
const ALL_EVENT_STREAMS = 5_000;

/** For operations that read none: a new stream for each request would cost much. */
const NO_FILE = Readable.from([]);

/**
 * Sent with every response. Any page may call with credentials that it was given, but not with those that a browser
 * remembers.
 */
const CORS_HEADERS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Methods': 'GET, POST, DELETE, OPTIONS',
  'Access-Control-Allow-Headers':
    'Content-Type, Authorization, If-None-Match, Idempotency-Key, Last-Event-ID, X-Request-Id, traceparent',
  'Access-Control-Allow-Credentials': 'false',
  'Access-Control-Expose-Headers':
    'ETag, Idempotent-Replayed, Link, RateLimit, RateLimit-Policy, Retry-After, Twilio-Concurrent-Requests, ' +
    'Twilio-Request-Id',
};

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller | undefined;
    /** The body, if it was CSV. */
    csv: string | undefined;
  }
  interface FastifyContextConfig {
    /** For endless responses: nothing can follow them on their connection. */
    endsConnection?: boolean;
    /** For metrics; without, it is none of the API's operations. */
    operationId?: string;
  }
}

/** 409 for what only a server with its own SM-DP+ has. */
function notHere({ summary }: Operation): ApiError {
  return new ApiError(
    'conflict',
    `${summary}: this server has a rented SM-DP+ (SIMWRIGHT_SMDP), so it has no stock, no operators, no certificates and no log of ES9+; the SM-DP+ has them`,
  );
}

/** @param operations the operations to serve */
export async function buildApi(
  context: Context,
  operations: readonly Operation[] = OPERATIONS,
  limits = API_LIMITS,
): Promise<FastifyInstance> {
  const app = fastify({
    ...fastifyOptions(limits),
    bodyLimit: BODY_LIMIT,
    trustProxy: context.config.trustedProxies,
    // Requests that arrive while stopping are answered normally, and their connections closed.
    return503OnClosing: false,
    genReqId: ({ headers }) => requestIdOf(headers),
    routerOptions: { maxParamLength: 1024 },
    schemaErrorFormatter: validationError,
    frameworkErrors: (error, request, reply) => {
      reply.headers(CORS_HEADERS);
      answerError(toApiError(error, context), request, reply);
    },
    clientErrorHandler: answerClientError,
  });
  careForConnections(app.server, refuseConnect);
  app.setValidatorCompiler(validatorCompiler);
  // Response schemas only document: bodies are already rendered.
  app.setSerializerCompiler(() => (body) => JSON.stringify(body));
  app.decorateRequest('caller', undefined);
  app.decorateRequest('csv', undefined);
  await app.register(formbody, { bodyLimit: BODY_LIMIT });
  takeEmptyJson(app);
  await registerOpenApi(app, context);

  app.addHook('onRequest', async (request, reply) => {
    // Before anything asynchronous: Node passes on the next pipelined request right after this one.
    if (request.routeOptions.config.endsConnection === true || context.draining.hasBegun) {
      endConnectionWith(reply.raw);
      reply.header('Connection', 'close');
    }
    reply.headers(CORS_HEADERS);
    reply.header('Twilio-Request-Id', request.id);
    if (pathOf(request).includes('%00')) throw notFound(pathOf(request));
  });
  app.addHook('onResponse', async (request, reply) => {
    const { operationId, endsConnection = false } = request.routeOptions.config;
    const { statusCode, elapsedTime } = reply;
    context.metrics.answered(operationId, statusCode, elapsedTime, endsConnection);
    if (context.tracer !== undefined) traceRequest(request, reply, context.tracer);
    logRequest(request, reply, context);
  });
  app.setErrorHandler((error, request, reply) => {
    isTurnedAway(error, request);
    const apiError = toApiError(error, context, request);
    noteDenial(apiError, request, context);
    answerError(apiError, request, reply);
  });
  // Without this handler, hooks would not run for paths that no route matches.
  app.setNotFoundHandler((request) => {
    throw notFound(pathOf(request));
  });

  registerOtherMethods(app, operations);
  const isFor = admitRequests(app, context.admission);
  registerHealth(app, context);
  context.metrics.expect({ operations: operations.map(withSuccess) });
  await registerOperations(app, operations, context, isFor);
  return app;
}

/** An operation, and the status of its success. */
function withSuccess({ operationId, responses }: Operation) {
  const statuses = Object.keys(responses).map(Number);
  return { operationId, success: statuses.find((status) => status < 300) ?? 200 };
}

async function registerOperations(
  app: FastifyInstance,
  operations: readonly Operation[],
  context: Context,
  isFor: ReturnType<typeof admitRequests>,
): Promise<void> {
  const authenticate = authenticator(context);
  const answers = new AnswerCache(context.store);
  const feed = new EventFeed(esimProfileSource(context.store), context.log);
  const euiccFeed = new EventFeed(euiccSource(context.store), context.log);
  const streams = new Streams(context);
  const { maxConcurrentRequests, maxEventStreams, maxExports } = context.config;
  const limits = requestLimits(context);
  const limitOf = (each: number, all?: number) =>
    concurrencyLimit(partOf(each, context.peers), all);
  const counts = {
    requests: limitOf(maxConcurrentRequests),
    events: limitOf(maxEventStreams, ALL_EVENT_STREAMS),
    exports: limitOf(maxExports, ALL_EXPORTS),
    batches: limitOf(MAX_BATCHES, ALL_BATCHES),
  };
  app.addHook('preClose', async () => {
    await Promise.all([feed.close(), euiccFeed.close(), streams.close()]);
  });

  function register(scope: FastifyInstance, operation: Operation): void {
    const count = counts[operation.streams ?? operation.counted ?? 'requests'];
    const normalise = normaliser(operation);
    const isWrite = operation.method !== 'GET';
    const need = needOf(operation);
    const noFile = () => (operation.upload === undefined ? NO_FILE : Readable.from([]));
    scope.route({
      method: operation.method,
      url: operation.path,
      schema: routeSchema(operation),
      ...(operation.bodyLimit === undefined ? {} : { bodyLimit: operation.bodyLimit }),
      config: {
        endsConnection: operation.streams !== undefined,
        favour: operation.begins === true ? 'begins' : 'asks',
        operationId: operation.operationId,
      },
      onRequest: async (request, reply) => {
        limits.countAddress(request.ip, reply);
        const asked = authenticate(request.headers);
        const caller = asked instanceof Promise ? await asked : asked;
        request.caller = caller;
        // The client is gone; do nothing for it.
        if (reply.raw.destroyed) {
          leave(request);
          return reply.hijack();
        }
        limits.countAccount(caller.accountSid, reply);
        count(caller.accountSid, reply);
        isFor(request, caller.accountSid);
        if (caller.csrfToken !== undefined) checkSession(caller.csrfToken, request, reply);
        if (!mayDo(caller.scope, need)) {
          throw new ApiError('accessDenied', 'Access Denied', refusal(caller.scope, need));
        }
        return undefined;
      },
      preValidation: isWrite
        ? async (request) => {
            // The body may have arrived long after the headers.
            await authenticate(request.headers, isWrite);
            await normalise(request);
          }
        : normalise,
      handler: async (request, reply) => {
        if (operation.ofSmdp === true && context.rented !== undefined) throw notHere(operation);
        // Whose client may take its time to send it.
        if (operation.upload !== undefined) leave(request);
        const given = {
          caller: request.caller!,
          query: request.query as never,
          params: request.params as never,
          body: request.body as never,
          upload: (request.body ?? noFile()) as Readable,
          csv: request.csv,
          requestId: request.id,
          idempotencyKey: header(request, 'idempotency-key'),
          lastEventId: header(request, 'last-event-id'),
          accept: header(request, 'accept'),
          answers,
          feed,
          euiccFeed,
          confirmCaller: async () => {
            await authenticate(request.headers, isWrite);
          },
        };
        const carryOut = () => operation.handle(given, context);
        const act = {
          operation: operation.operationId,
          by: given.caller.by,
          requestId: request.id,
          address: request.ip,
        };
        const answer = await (isWrite ? within(act, carryOut) : carryOut());
        if (!('pieces' in answer)) return sendAnswer(answer, request, reply);
        leave(request);
        return streams.send(answer, request, reply, async () => {
          await authenticate(request.headers);
        });
      },
    });
  }

  for (const operation of operations) {
    const { upload, csv } = operation;
    if (upload === undefined && csv === undefined) {
      register(app, operation);
      continue;
    }
    await app.register(async (scope) => {
      if (upload === undefined) takeCsv(scope);
      else takeAsItComes(upload.mediaType, scope);
      register(scope, operation);
    });
  }
}

/** RFC 9110 §9.3.6: this server is not a proxy. */
function refuseConnect(): string {
  const error = new ApiError(
    'methodNotAllowed',
    'The server does not support the attempted HTTP method CONNECT',
  );
  return lastAnswer(error, {
    ...CORS_HEADERS,
    Allow: CORS_HEADERS['Access-Control-Allow-Methods'],
  });
}

/**
 * Browsers send the session cookie by themselves, so any request that may change something needs the CSRF token,
 * which only our own page knows. One that comes with a read must fit as well: a page that shows one account must not get
 * data of another, which the browser has switched to. Throws `ApiError`: 403, or 401 for a read.
 */
function checkSession(csrfToken: string, request: FastifyRequest, reply: FastifyReply): void {
  reply.header('Cache-Control', 'private, no-cache');
  const given = request.headers['x-csrf-token'];
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if ((isRead && given === undefined) || hasCsrfToken(csrfToken, given)) return;
  if (isRead) {
    const message = 'Authentication Error - X-CSRF-Token is not of the session in use';
    throw new ApiError('badCredentials', message);
  }
  throw new ApiError('accessDenied', 'Access Denied: X-CSRF-Token is missing or wrong');
}

function header(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
