// ES9+ over HTTPS and JSON (§6.5): the envelope, the functions, and how refusals are written.
import { fastify } from 'fastify';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../context.ts';
import { ES9PLUS_LIMITS, fastifyOptions } from '../process/listener-limits.ts';
import { careForConnections } from '../process/listener-upgrade.ts';
import { apiDate } from '../values/date.ts';
import { FunctionExecutionError } from '../rsp/function-execution-error.ts';
import { formatStatusCode } from '../rsp/status-codes.ts';
import { Conflict } from '../store/errors.ts';
import { inTime } from './answer-limit.ts';
import { authenticateClient } from './authenticateClient.ts';
import { cancelSession } from './cancelSession.ts';
import type { Es9Answer, Es9Call, LogEntry } from './es9-call.ts';
import { newEntry } from './es9-call.ts';
import type { Failure } from './failure.ts';
import { failureOf, internal, statusOf } from './failure.ts';
import { markLogged } from './first-entries.ts';
import { getBoundProfilePackage } from './getBoundProfilePackage.ts';
import { HandshakeFailures } from './handshake-failures.ts';
import { handleNotification } from './handleNotification.ts';
import { initiateAuthentication } from './initiateAuthentication.ts';
import { isTooMuch } from './log-limit.ts';
import { logRows } from './log-rows.ts';
import { createTlsListener } from './tls-listener.ts';

type Es9Function = (call: Es9Call, context: Context) => Promise<Es9Answer>;

const FUNCTIONS: Record<string, Es9Function> = {
  initiateAuthentication,
  authenticateClient,
  getBoundProfilePackage,
  handleNotification,
  cancelSession,
};

const PATH = '/gsma/rsp2/es9plus/';
const BODY_LIMIT = 256 * 1024;
const JSON_TYPE = 'application/json;charset=UTF-8';
/** RFC 9110 §9.3.6: it leads to no other host. */
const CONNECT_REFUSAL =
  'HTTP/1.1 405 Method Not Allowed\r\nAllow: POST\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';
/** The version of the specification that we speak. */
const ADMIN_PROTOCOL = 'gsma/rsp/v2.5.0';
const ACCEPTED_PROTOCOL = /^gsma\/rsp\/v[23]\.\d+(\.\d+)?$/i;
/**
 * Two calls that met on one row: one of them is run again. Each time something has changed for good, a step
 * or a wrong code, so that there is an answer before these are used up.
 */
const ATTEMPTS = 12;
/** LPAs wait for longer than this, some for not much longer. */
const ANSWER_LIMIT_MS = 15_000;
const RETRY_AFTER_SECONDS = 10;

/**
 * Throws `PkiError` when there is no TLS certificate.
 * @param answerLimitMs after so long a call that waits for the store is told that it is busy
 */
export async function buildEs9Plus(
  context: Context,
  limits = ES9PLUS_LIMITS,
  answerLimitMs = ANSWER_LIMIT_MS,
): Promise<FastifyInstance> {
  const failures = new HandshakeFailures(context);
  const app = fastify({
    ...fastifyOptions(limits),
    serverFactory: (handler) =>
      createTlsListener(handler, {
        certificates: () => context.pki.tls,
        limits,
        log: context.log,
        onFailure: failures.note,
      }),
    bodyLimit: BODY_LIMIT,
    trustProxy: context.config.trustedProxies,
    routerOptions: { maxParamLength: 100 },
  });
  app.addHook('onClose', () => failures.close());
  careForConnections(app.server, () => CONNECT_REFUSAL);
  // What is no JSON is refused by the functions' rules, so every body is taken as text.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('X-Admin-Protocol', ADMIN_PROTOCOL);
  });
  app.setErrorHandler((error: FastifyError, { routeOptions }, reply) => {
    const { statusCode = 500 } = error;
    const name = routeOptions.url?.slice(PATH.length) ?? '';
    // What cannot be read: too long, cut off, of no media type.
    if (statusCode < 500) {
      const refusal = new FunctionExecutionError('1.3.1', '2.1', error.message);
      return refuse({ kind: 'refused', refusal }, name, reply);
    }
    context.log.error({ err: error }, 'unexpected error in ES9+');
    return refuse(internal(), name, reply);
  });
  for (const [name, run] of Object.entries(FUNCTIONS)) {
    const runInTime: Es9Function = (call) =>
      inTime(
        runAgain(() => run(call, context)),
        answerLimitMs,
      );
    app.post(PATH + name, (request, reply) => answer(name, runInTime, request, reply, context));
  }
  return app;
}

async function answer(
  name: string,
  run: Es9Function,
  request: FastifyRequest,
  reply: FastifyReply,
  context: Context,
): Promise<FastifyReply> {
  const call = newCall(name, request, context);
  let members: Es9Answer;
  try {
    call.members = parseRequest(request);
    members = await run(call, context);
  } catch (error) {
    const failure = failureOf(error, name, context);
    // A copy: what could not be done in time may still be done, and is logged then.
    const { subjectCode, reasonCode, message } = failure.refusal;
    const failed = {
      status: 'Failed',
      subject_code: subjectCode,
      reason_code: reasonCode,
      message,
    };
    // A store that has just failed is not asked to write that it has.
    const isLogged = call.isLogged || failure.kind === 'busy';
    await record({ ...call, isLogged, entry: { ...call.entry, ...failed } }, context);
    return refuse(failure, name, reply);
  }
  await record(call, context);
  if (members === undefined) return reply.code(204).send();
  return reply.header('Content-Type', JSON_TYPE).send(toBytes({ header: SUCCESS, ...members }));
}

const SUCCESS = { functionExecutionStatus: { status: 'Executed-Success' } };

/** Our members hold base64, so that a long one need not be looked at for other letters than ASCII. */
function toBytes(members: Record<string, unknown>): Buffer {
  return Buffer.from(JSON.stringify(members), 'latin1');
}

/** §5.2.6, §6.5.1: a refusal is an answer like any other, with status 200; see `statusOf`. */
function refuse(failure: Failure, name: string, reply: FastifyReply): FastifyReply {
  const { subjectCode, reasonCode, subjectIdentifier, message } = failure.refusal;
  const statusCodeData = {
    subjectCode,
    reasonCode,
    ...(subjectIdentifier === undefined ? {} : { subjectIdentifier }),
    message,
  };
  const header = { functionExecutionStatus: { status: 'Failed', statusCodeData } };
  const status = statusOf(failure, name);
  if (status === 503) reply.header('Retry-After', String(RETRY_AFTER_SECONDS));
  return reply.code(status).header('Content-Type', JSON_TYPE).send(JSON.stringify({ header }));
}

/** Throws `FunctionExecutionError` of the subjects Protocol and Function. */
function parseRequest({ headers, body }: FastifyRequest): Record<string, unknown> {
  const protocol = headers['x-admin-protocol'];
  if (protocol !== undefined && !ACCEPTED_PROTOCOL.test(String(protocol))) {
    throw new FunctionExecutionError(
      '1.3.2',
      '3.1',
      `X-Admin-Protocol must be gsma/rsp/v2.x or v3.x`,
    );
  }
  let members: unknown;
  try {
    members = JSON.parse(String(body));
  } catch {
    throw new FunctionExecutionError('1.3.1', '2.1', 'The body must be JSON');
  }
  if (typeof members !== 'object' || members === null || Array.isArray(members)) {
    throw new FunctionExecutionError('1.3.1', '2.1', 'The body must be a JSON object');
  }
  return members as Record<string, unknown>;
}

async function runAgain(run: () => Promise<Es9Answer>): Promise<Es9Answer> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof Conflict) || attempt === ATTEMPTS) throw error;
    }
  }
}

function newCall(name: string, request: FastifyRequest, { now }: Context): Es9Call {
  return {
    members: {},
    earlier: [],
    isLogged: false,
    started: performance.now(),
    entry: {
      ...newEntry(name, apiDate(now())),
      lpa: request.headers['user-agent']?.slice(0, 200) ?? null,
      address: request.ip,
    },
  };
}

/** Into the log of the profile, where it is not yet, and in short into that of the server. */
async function record(call: Es9Call, context: Context): Promise<void> {
  const { log, append } = context;
  const { entry, about, isLogged, started } = call;
  if (about !== undefined) markLogged(call, context);
  const rows = isLogged || isTooMuch(about, context) ? [] : logRows(call, context);
  log.info(
    {
      transaction: entry.transaction_id,
      profile: about?.order,
      status: entry.status,
      code: codeOf(entry),
      reason: entry.message,
      ms: Math.round(performance.now() - started),
    },
    `ES9+ ${entry.function}`,
  );
  if (rows.length === 0) return;
  await append(({ tables }) => tables.rspLog.insertMany(rows)).catch((error: unknown) =>
    log.error({ err: error }, 'RSP log not written'),
  );
}

function codeOf({ subject_code: subjectCode, reason_code: reasonCode }: LogEntry): string | null {
  if (subjectCode === null || reasonCode === null) return null;
  return formatStatusCode({ subjectCode, reasonCode });
}
