// ESipa over HTTPS (SGP.32 §6.2): IPAs poll the eIM, and have it relay their downloads.
import type { IncomingMessage } from 'node:http';
import proxyAddr from '@fastify/proxy-addr';
import type { Context } from '../context.ts';
import type { Eim, EimContext } from '../eim/eim.ts';
import { SmdpUnavailable } from '../eim/es9plus.ts';
import { runAgain } from '../store/run-again.ts';
import { inTime } from '../https/answer-limit.ts';
import type { Answer } from '../https/https-listener.ts';
import { buildHttpsListener, httpError, notFound, pathOf } from '../https/https-listener.ts';
import { readBody, UnreadableBody } from '../https/request-body.ts';
import type { Favour } from '../process/admission.ts';
import { Overloaded } from '../process/admission.ts';
import type { Listener } from '../process/listener-close.ts';
import { ES9PLUS_LIMITS } from '../process/listener-limits.ts';
import { FunctionExecutionError } from '../rsp/function-execution-error.ts';
import { formatStatusCode } from '../rsp/status-codes.ts';
import { Conflict, StoreUnavailable } from '../store/errors.ts';
import type { EsipaAnswer, EsipaFunction } from './answer-message.ts';
import { answerMessage, errorIn, esipaFunctions } from './answer-message.ts';
import { asn1Binding, ESIPA_ASN1_PATH, esipaFunctionOf } from './asn1-binding.ts';
import type { EsipaBinding } from './binding.ts';
import { ESIPA_PROTOCOL, TRY_AGAIN } from './binding.ts';
import { ESIPA_JSON_PATH, jsonBinding } from './json-binding.ts';

/** What a path calls: a function, or what its message names. */
interface Called {
  binding: EsipaBinding;
  name: EsipaFunction | undefined;
}
const CALLED = new Map<string, Called>([
  ...esipaFunctions.map((name): [string, Called] => [
    ESIPA_JSON_PATH + name,
    { binding: jsonBinding, name },
  ]),
  [ESIPA_ASN1_PATH, { binding: asn1Binding, name: undefined }],
]);

const ANSWER_LIMIT_MS = 15_000;
const BEGINS: readonly EsipaFunction[] = ['initiateAuthentication', 'getEimPackage'];
const favourOf = (name: EsipaFunction): Favour => (BEGINS.includes(name) ? 'begins' : 'goes on');

/** A call that was received, over HTTP or not. */
export interface EsipaRequest {
  binding: EsipaBinding;
  name: EsipaFunction;
  body: Buffer;
  userAgent: string | undefined;
  address: string;
}

export interface Esipa extends Listener {
  /** Answers a call that was not received over HTTP. */
  answer(request: EsipaRequest): Promise<Answer>;
}

export function buildEsipa(eim: Eim, context: Context, limits = ES9PLUS_LIMITS): Esipa {
  const { config, log, metrics } = context;
  const isTrustedProxy = proxyAddr.compile(config.trustedProxies);
  metrics.expect({ esipa: esipaFunctions, listener: 'esipa' });
  const rules = {
    get config() {
      return context.config;
    },
    get pki() {
      return context.pki;
    },
    log,
    masterKey: context.masterKey,
    now: context.now,
    store: context.store,
    transact: context.transact,
    eim,
  } satisfies EimContext;

  async function answerRequest(request: IncomingMessage): Promise<Answer | undefined> {
    const { method, url = '' } = request;
    const called = method === 'POST' ? (CALLED.get(url) ?? CALLED.get(pathOf(url))) : undefined;
    if (called === undefined) return notFound(request);
    const given = await answerHttp(called, request);
    return given && { ...given, headers: { 'x-admin-protocol': ESIPA_PROTOCOL, ...given.headers } };
  }

  async function answerHttp(
    { binding, name: named }: Called,
    request: IncomingMessage,
  ): Promise<Answer | undefined> {
    const address = proxyAddr(request, isTrustedProxy);
    const userAgent = request.headers['user-agent']?.slice(0, 200);
    const started = performance.now();
    let name = named;
    try {
      const body = await readBody(request);
      if (body === undefined) return undefined;
      name ??= esipaFunctionOf(body);
      return await answerFrom(started, { binding, name, body, userAgent, address });
    } catch (error) {
      const given = answerTo(error, binding, name);
      note(name, given, error, { started, address });
      return given;
    }
  }

  const answer = (request: EsipaRequest) => answerFrom(performance.now(), request);

  async function answerFrom(started: number, request: EsipaRequest): Promise<Answer> {
    const { binding, name, address } = request;
    let failure: unknown;
    let told: string | undefined;
    let given: Answer;
    try {
      const answered = await run(request);
      told = errorIn(answered);
      given = binding.answered(answered);
    } catch (error) {
      failure = error;
      given = answerTo(error, binding, name);
    }
    note(name, given, failure, { started, address, told });
    return given;
  }

  function note(
    name: EsipaFunction | undefined,
    given: Answer,
    failure: unknown,
    { started, address, told }: { started: number; address: string; told?: string | undefined },
  ): void {
    const code =
      failure instanceof FunctionExecutionError ? formatStatusCode(failure) : (told ?? null);
    const ms = performance.now() - started;
    if (name !== undefined) metrics.esipaCall(name, code ?? (failure ? 'unavailable' : null), ms);
    log.info(
      {
        address,
        status: given.status,
        code,
        reason: failure instanceof Error ? failure.message : null,
        ms: Math.round(ms),
      },
      `ESipa ${name ?? 'message'}`,
    );
  }

  async function run({
    binding,
    name,
    body,
    userAgent,
    address,
  }: EsipaRequest): Promise<EsipaAnswer> {
    const place = context.admission.enter(favourOf(name));
    try {
      const { message } = binding.read(name, body);
      const work = runAgain(() => answerMessage(message, { userAgent, address }, rules));
      place.keepUntil(work);
      return await inTime(work, ANSWER_LIMIT_MS);
    } finally {
      place.leave();
    }
  }

  function answerTo(
    error: unknown,
    binding: EsipaBinding,
    name: EsipaFunction | undefined,
  ): Answer {
    if (error instanceof UnreadableBody) {
      return error.isCutShort
        ? httpError(413, 'Payload Too Large', error.message)
        : httpError(400, 'Bad Request', error.message);
    }
    if (error instanceof FunctionExecutionError) return binding.refused(name!, error);
    const isExpected = [Overloaded, SmdpUnavailable, Conflict, StoreUnavailable].some(
      (kind) => error instanceof kind,
    );
    if (!isExpected) log.error({ err: error, function: name }, 'ESipa function failed');
    return TRY_AGAIN;
  }

  const listener = buildHttpsListener(
    { name: 'esipa', certificates: () => eim.keys.tls, limits, answer: answerRequest },
    context,
  );
  return { ...listener, answer };
}
