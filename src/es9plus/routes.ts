// ES9+ over HTTPS (§6.5, §6.6).
import type { IncomingMessage } from 'node:http';
import proxyAddr from '@fastify/proxy-addr';
import type { Context } from '../context.ts';
import type { Answer } from '../https/https-listener.ts';
import { buildHttpsListener, httpError, notFound, pathOf } from '../https/https-listener.ts';
import { readBody, UnreadableBody } from '../https/request-body.ts';
import type { Listener } from '../process/listener-close.ts';
import { ES9PLUS_LIMITS } from '../process/listener-limits.ts';
import { PkiError } from '../smdp/pki/pki-certificate.ts';
import { answerCall } from './answer-call.ts';
import { ASN1_PATH, asn1Binding, functionOfMessage } from './asn1-binding.ts';
import type { Binding, CallRequest } from './envelope.ts';
import { unreadable } from './envelope.ts';
import { internal } from './failure.ts';
import type { FunctionName } from './functions.ts';
import { functions } from './functions.ts';
import { jsonBinding } from './json-binding.ts';

const PATH = '/gsma/rsp2/es9plus/';
/** What a path calls: a function, or what its message names. */
interface Called {
  binding: Binding;
  name: FunctionName | undefined;
}
const CALLED = new Map<string, Called>([
  ...(Object.keys(functions) as FunctionName[]).map((name): [string, Called] => [
    PATH + name,
    { binding: jsonBinding, name },
  ]),
  [ASN1_PATH, { binding: asn1Binding, name: undefined }],
]);
/** LPAs wait longer than this, some only slightly. */
const ANSWER_LIMIT_MS = 15_000;

export interface Es9Plus extends Listener {
  /** Answers a call that was not received over HTTP. */
  answer(request: CallRequest): Promise<Answer>;
}

/**
 * Throws `PkiError` if there is no TLS certificate.
 * @param answerLimitMs after this time, a call that waits for the store is answered as busy
 */
export function buildEs9Plus(
  context: Context,
  limits = ES9PLUS_LIMITS,
  answerLimitMs = ANSWER_LIMIT_MS,
): Es9Plus {
  const { config, log } = context;
  const isTrustedProxy = proxyAddr.compile(config.trustedProxies);
  if (context.pki.tls.length === 0) throw new PkiError('There is no TLS certificate for ES9+');
  context.metrics.expect({ es9plus: Object.keys(functions), listener: 'es9plus' });
  const listener = buildHttpsListener(
    { name: 'es9plus', certificates: () => context.pki.tls, limits, answer: answerRequest },
    context,
  );

  async function answerRequest(request: IncomingMessage): Promise<Answer | undefined> {
    const called = calledBy(request);
    return called === undefined ? notFound(request) : answerHttp(called, request);
  }

  async function answerHttp(
    { binding, name: named }: Called,
    request: IncomingMessage,
  ): Promise<Answer | undefined> {
    let name = named;
    try {
      const address = proxyAddr(request, isTrustedProxy);
      const body = await readBody(request);
      if (body === undefined) return undefined;
      name ??= functionOfMessage(body);
      return await answer({ binding, name, headers: request.headers, body, address });
    } catch (error) {
      if (error instanceof UnreadableBody) {
        return name === undefined ? namingNone(error) : unreadable(error, binding, name);
      }
      log.error({ err: error }, 'unexpected error in ES9+');
      return name === undefined
        ? httpError(500, 'Internal Server Error', 'Internal error of the SM-DP+')
        : binding.refused(internal(), name);
    }
  }

  const answer = (request: CallRequest) => answerCall(request, context, answerLimitMs);

  return { ...listener, answer };
}

function calledBy({ method, url = '' }: IncomingMessage): Called | undefined {
  return method === 'POST' ? (CALLED.get(url) ?? CALLED.get(pathOf(url))) : undefined;
}

/** A body that names no function, so that no function can refuse it. */
function namingNone({ message, isCutShort }: UnreadableBody): Answer {
  return isCutShort
    ? httpError(413, 'Payload Too Large', message)
    : httpError(400, 'Bad Request', message);
}
