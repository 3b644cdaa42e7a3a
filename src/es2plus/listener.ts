// ES2+ over HTTPS with mutual TLS (§6.1, §6.5): who calls, by its certificate, and what it calls, from the JSON to the
// response. What the functions do is theirs who offer them.
import type { X509Certificate } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import proxyAddr from '@fastify/proxy-addr';
import type { Context } from '../context.ts';
import { inTime } from '../https/answer-limit.ts';
import type { Answer } from '../https/https-listener.ts';
import { buildHttpsListener, notFound, pathOf } from '../https/https-listener.ts';
import { readBody, UnreadableBody } from '../https/request-body.ts';
import type { Favour, Place } from '../process/admission.ts';
import type { Listener } from '../process/listener-close.ts';
import { ES9PLUS_LIMITS } from '../process/listener-limits.ts';
import { FunctionExecutionError } from '../rsp/function-execution-error.ts';
import { formatStatusCode } from '../rsp/status-codes.ts';
import { parseTraceparent, requestIdOf, traceIdOf } from '../values/request-id.ts';
import { runAgain } from '../store/run-again.ts';
import type { Refused } from './answer.ts';
import { executed, refused } from './answer.ts';
import { failureOf, hasMetAnother } from './failure.ts';
import type { Es2PlusRequest, Es2PlusResponse, FunctionName } from './functions.ts';
import { functions } from './functions.ts';
import { parseRequest } from './request.ts';

/** The certificate that a client has shown, whose key it has: nothing else of it is checked. */
export interface ClientCertificate {
  certificate: X509Certificate;
  /** SHA-256, upper-case hex. */
  fingerprint: string;
}

/** What this server is for its callers: an SM-DP+ for operators, or an operator for SM-DP+s. */
export interface Role<Peer> {
  /** PEM of the CAs whose certificates it accepts, for clients that have several; a new array if they have changed. */
  clientCas: () => readonly string[];
  /** Throws `FunctionExecutionError` for a certificate that it does not accept. */
  identify: (client: ClientCertificate) => Promise<Peer>;
  /** For the log. */
  nameOf: (peer: Peer) => string;
  /**
   * Each may run again if it throws `Conflict`. Each throws `FunctionExecutionError` to refuse; the request has been checked
   * against its schema.
   */
  functions: {
    [Name in FunctionName]?: (
      request: Es2PlusRequest<Name>,
      peer: Peer,
    ) => Promise<Es2PlusResponse<Name>>;
  };
}

/** A role, whatever it knows about its callers. */
// oxlint-disable-next-line typescript/no-explicit-any
export type AnyRole = Role<any>;

type ListenerContext = Pick<
  Context,
  | 'admission'
  | 'turns'
  | 'config'
  | 'draining'
  | 'log'
  | 'metrics'
  | 'now'
  | 'peers'
  | 'pki'
  | 'store'
  | 'tracer'
  | 'transact'
>;

/** An order begins here; all other calls go on with one, or tell what became of it. */
const favourOf = (name: FunctionName): Favour => (name === 'downloadOrder' ? 'begins' : 'goes on');

/** Before operators give up. */
const ANSWER_LIMIT_MS = 15_000;

/** @param answerLimitMs after this time, a call that waits for the store is answered as busy */
export function buildEs2Plus(
  roles: readonly AnyRole[],
  context: ListenerContext,
  limits = ES9PLUS_LIMITS,
  answerLimitMs = ANSWER_LIMIT_MS,
): Listener {
  const { config, log, metrics, tracer } = context;
  const isTrustedProxy = proxyAddr.compile(config.trustedProxies);
  const offered = new Map(
    roles.flatMap((role) =>
      (Object.keys(role.functions) as FunctionName[]).map((name) => [
        functions[name].path as string,
        { name, role },
      ]),
    ),
  );

  async function answer(request: IncomingMessage): Promise<Answer | undefined> {
    const { method, url = '' } = request;
    const found = offered.get(url) ?? offered.get(pathOf(url));
    if (found === undefined || method !== 'POST') return notFound(request);
    const started = performance.now();
    const { name, role } = found;
    const call: Call = { name, request, peer: undefined };
    const outcome = await run(call, role);
    if (outcome === undefined) return undefined;
    const { refusal, kind } = outcome;
    const code = refusal === undefined ? null : formatStatusCode(refusal);
    const ms = performance.now() - started;
    metrics.es2plusCall(name, code, ms);
    tracer
      ?.span(
        traceIdOf(requestIdOf(request.headers)),
        parseTraceparent(request.headers['traceparent']),
      )
      ?.end(`ES2+ ${name}`, 'server', started, { 'rsp.code': code }, refusal?.message);
    log.info(
      {
        peer: call.peer,
        address: proxyAddr(request, isTrustedProxy),
        status: refusal === undefined ? 'Executed-Success' : 'Failed',
        code,
        reason: refusal?.message ?? null,
        ms: Math.round(ms),
      },
      `ES2+ ${name}`,
    );
    return refusal === undefined ? outcome.answer : refused(name, refusal, kind);
  }

  async function run(call: Call, role: AnyRole): Promise<Outcome | undefined> {
    const { name, request } = call;
    let place: Place | undefined;
    try {
      const body = await readBody(request);
      if (body === undefined) return undefined;
      place = context.admission.enter(favourOf(name));
      const work = carryOut(call, role, body.toString(), place);
      place.keepUntil(work);
      const response = await inTime(work, answerLimitMs);
      return { answer: executed(name, response) };
    } catch (error) {
      if (error instanceof UnreadableBody) {
        const refusal = new FunctionExecutionError('1.3.1', '2.1', error.message);
        // The rest of the body is not awaited.
        return { refusal, kind: error.isCutShort ? 'cut short' : 'refused' };
      }
      const { refusal, kind } = failureOf(error, name, context);
      return { refusal, kind: kind === 'refused' && call.peer === undefined ? 'stranger' : kind };
    } finally {
      place?.leave();
    }
  }

  async function carryOut(call: Call, role: AnyRole, body: string, place: Place): Promise<object> {
    const { name, request } = call;
    const peer: unknown = await role.identify(clientOf(request));
    call.peer = role.nameOf(peer);
    place.isFor(call.peer);
    const asked = parseRequest(name, request.headers, body);
    const work = role.functions[name] as (given: unknown, by: unknown) => Promise<object>;
    return runAgain(() => work(asked, peer), hasMetAnother);
  }

  const clientCas = clientCasOf(roles);
  const es2plus = [...offered.values()].map(({ name }) => name);
  metrics.expect({ es2plus, listener: 'es2plus' });
  return buildHttpsListener(
    {
      certificates: () => context.pki.tls,
      clientCas,
      limits,
      answer,
      name: 'es2plus',
    },
    context,
  );
}

interface Call {
  name: FunctionName;
  request: IncomingMessage;
  /** Who calls, once that is known. */
  peer: string | undefined;
}

type Outcome =
  | { answer: Answer; refusal?: undefined; kind?: undefined }
  | { refusal: FunctionExecutionError; kind: Refused };

/** Of connections, which keep their certificate. */
const clients = new WeakMap<object, ClientCertificate>();

/** → 1.1 / 1.1 */
function clientOf({ socket }: IncomingMessage): ClientCertificate {
  const known = clients.get(socket);
  if (known !== undefined) return known;
  const certificate = (socket as TLSSocket).getPeerX509Certificate();
  if (certificate === undefined) {
    throw new FunctionExecutionError('1.1', '1.1', 'A client certificate is needed');
  }
  const fingerprint = certificate.fingerprint256.replaceAll(':', '');
  const client = { certificate, fingerprint };
  clients.set(socket, client);
  return client;
}

/** The CAs of all roles: the same array as long as none of theirs is new. */
function clientCasOf(roles: readonly AnyRole[]): () => readonly string[] {
  let seen: (readonly string[])[] = [];
  let all: readonly string[] = [];
  return () => {
    const given = roles.map((role) => role.clientCas());
    if (given.length !== seen.length || given.some((cas, index) => cas !== seen[index])) {
      seen = given;
      all = [...new Set(given.flat())];
    }
    return all;
  };
}
