// ES9+ over HTTPS and JSON (§6.5): the envelope, the functions, and the rendering of refusals.
import { fastify } from 'fastify';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../context.ts';
import { ES9PLUS_LIMITS, fastifyOptions } from '../process/listener-limits.ts';
import { careForConnections } from '../process/listener-upgrade.ts';
import { apiDate } from '../values/date.ts';
import { FunctionExecutionError } from '../rsp/function-execution-error.ts';
import { formatTransactionId, parseTransactionId } from '../rsp/identifiers.ts';
import { formatStatusCode } from '../rsp/status-codes.ts';
import type { Call, LogEntry, Outcome } from '../smdp/download/call.ts';
import { entryOf, logRows } from '../smdp/download/call.ts';
import { markLogged } from '../smdp/download/first-entries.ts';
import { Conflict } from '../store/errors.ts';
import { inTime } from './answer-limit.ts';
import type { Failure } from './failure.ts';
import { failureOf, internal, statusOf } from './failure.ts';
import { HandshakeFailures } from './handshake-failures.ts';
import { FUNCTIONS } from './json-binding.ts';
import { isTooMuch } from './log-limit.ts';
import type { Members } from './members.ts';
import { createTlsListener } from './tls-listener.ts';

const PATH = '/gsma/rsp2/es9plus/';
const BODY_LIMIT = 256 * 1024;
const JSON_TYPE = 'application/json;charset=UTF-8';
/** RFC 9110 §9.3.6: this server is not a proxy. */
const CONNECT_REFUSAL =
  'HTTP/1.1 405 Method Not Allowed\r\nAllow: POST\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';
/** The version of the specification that we support. */
const ADMIN_PROTOCOL = 'gsma/rsp/v2.5.0';
const ACCEPTED_PROTOCOL = /^gsma\/rsp\/v[23]\.\d+(\.\d+)?$/i;
/**
 * Attempts for a call that conflicts with others on the same row. Each conflict means progress, a step or a counted
 * code, so a result is reached before these are used up.
 */
const ATTEMPTS = 12;
/** LPAs wait longer than this, some only slightly. */
const ANSWER_LIMIT_MS = 15_000;
const RETRY_AFTER_SECONDS = 10;

/**
 * Throws `PkiError` if there is no TLS certificate.
 * @param answerLimitMs after this time, a call that waits for the store is answered as busy
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
  // Every body is read as text, because invalid JSON must be refused by the functions' rules.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('X-Admin-Protocol', ADMIN_PROTOCOL);
  });
  app.setErrorHandler((error: FastifyError, { routeOptions }, reply) => {
    const { statusCode = 500 } = error;
    const name = routeOptions.url?.slice(PATH.length) ?? '';
    // Unreadable requests: too long, truncated, without a media type.
    if (statusCode < 500) {
      const refusal = new FunctionExecutionError('1.3.1', '2.1', error.message);
      return refuse({ kind: 'refused', refusal }, name, reply);
    }
    context.log.error({ err: error }, 'unexpected error in ES9+');
    return refuse(internal(), name, reply);
  });
  for (const name of Object.keys(FUNCTIONS)) {
    app.post(PATH + name, (request, reply) => answer(name, request, reply, context, answerLimitMs));
  }
  return app;
}

async function answer(
  name: string,
  request: FastifyRequest,
  reply: FastifyReply,
  context: Context,
  limitMs: number,
): Promise<FastifyReply> {
  let call = newCall(name, request, context);
  let outcome: Outcome<Record<string, string>>;
  let isJudged = false;
  try {
    const members = parseRequest(request);
    call = { ...call, transactionId: namedTransaction(members) };
    const decoded = FUNCTIONS[name]!(members);
    call = { ...call, request: decoded.logged };
    const runs = runAgain(() => decoded.run(call, context));
    outcome = await inTime(runs, limitMs);
    isJudged = true;
  } catch (error) {
    outcome = { error, learned: {}, isLogged: false };
  }
  if (!('error' in outcome)) {
    await record(call, outcome, undefined, context);
    // §5.6.4: without a body.
    if (name === NOTIFICATION) return reply.code(204).send();
    const members = { header: SUCCESS, ...outcome.answer };
    return reply.header('Content-Type', JSON_TYPE).send(toBytes(members));
  }
  const failure = failureOf(outcome.error, name, context);
  await record(call, outcome, failure, context);
  // A notification that was checked must not be sent again; one that could not be read gets an error status.
  if (name === NOTIFICATION && failure.kind === 'refused' && isJudged) {
    return reply.code(204).send();
  }
  return refuse(failure, name, reply);
}

const NOTIFICATION = 'handleNotification';

/** In the log's format; null if the members have none. */
function namedTransaction({ transactionId }: Members): string | null {
  const bytes = typeof transactionId === 'string' ? parseTransactionId(transactionId) : undefined;
  return bytes === undefined ? null : formatTransactionId(bytes);
}

const SUCCESS = { functionExecutionStatus: { status: 'Executed-Success' } };

/** Our members are base64, so all text is ASCII, and latin1 is the fastest encoding. */
function toBytes(members: Record<string, unknown>): Buffer {
  return Buffer.from(JSON.stringify(members), 'latin1');
}

/** §5.2.6, §6.5.1: a refusal is a normal response with status 200; see `statusOf`. */
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

/** Throws `FunctionExecutionError` with the subjects Protocol and Function. */
function parseRequest({ headers, body }: FastifyRequest): Members {
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
  return members as Members;
}

async function runAgain<Answer>(run: () => Promise<Outcome<Answer>>): Promise<Outcome<Answer>> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await run();
    const hasMet = 'error' in outcome && outcome.error instanceof Conflict;
    if (!hasMet || attempt === ATTEMPTS) return outcome;
  }
}

function newCall(name: string, request: FastifyRequest, { now }: Context): Call {
  return {
    function: name,
    dateCreated: apiDate(now()),
    started: performance.now(),
    lpa: request.headers['user-agent']?.slice(0, 200) ?? null,
    address: request.ip,
    transactionId: null,
    request: '',
  };
}

/** Writes the log of the profile, unless already written, and a short entry in the server's log. */
async function record(
  call: Call,
  { learned, isLogged }: Outcome<unknown>,
  failure: Failure | undefined,
  context: Context,
): Promise<void> {
  const { log, append } = context;
  const { about } = learned;
  const entry = entryOf(call, learned, failure?.refusal);
  if (about !== undefined) markLogged(call, learned, context);
  // Do not try to log a store failure in the store.
  const isWritten = isLogged || failure?.kind === 'busy' || isTooMuch(about, context);
  const rows = isWritten ? [] : logRows(learned, entry, context);
  log.info(
    {
      transaction: entry.transaction_id,
      profile: about?.order,
      status: entry.status,
      code: codeOf(entry),
      reason: entry.message,
      ms: Math.round(performance.now() - call.started),
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
