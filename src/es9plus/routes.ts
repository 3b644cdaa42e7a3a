// ES9+ over HTTPS (§6.5.1).
import type { IncomingMessage } from 'node:http';
import proxyAddr from '@fastify/proxy-addr';
import type { Context } from '../context.ts';
import type { Answer } from '../https/https-listener.ts';
import { buildHttpsListener, notFound, pathOf } from '../https/https-listener.ts';
import { readBody, UnreadableBody } from '../https/request-body.ts';
import type { Listener } from '../process/listener-close.ts';
import { ES9PLUS_LIMITS } from '../process/listener-limits.ts';
import { PkiError } from '../smdp/pki/pki-certificate.ts';
import { answerCall } from './answer-call.ts';
import type { CallRequest } from './envelope.ts';
import { refused, unreadable } from './envelope.ts';
import { internal } from './failure.ts';
import type { FunctionName } from './json-binding.ts';
import { FUNCTIONS } from './json-binding.ts';

const PATH = '/gsma/rsp2/es9plus/';
const NAMES = new Map(
  (Object.keys(FUNCTIONS) as FunctionName[]).map((name) => [PATH + name, name]),
);
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
  const listener = buildHttpsListener(
    { certificates: () => context.pki.tls, limits, answer: answerRequest },
    context,
  );

  async function answerRequest(request: IncomingMessage): Promise<Answer | undefined> {
    const name = functionOf(request);
    return name === undefined ? notFound(request) : answerHttp(name, request);
  }

  async function answerHttp(
    name: FunctionName,
    request: IncomingMessage,
  ): Promise<Answer | undefined> {
    try {
      const address = proxyAddr(request, isTrustedProxy);
      const body = await readBody(request);
      if (body === undefined) return undefined;
      return await answer({ name, headers: request.headers, body, address });
    } catch (error) {
      if (error instanceof UnreadableBody) return unreadable(error, name);
      log.error({ err: error }, 'unexpected error in ES9+');
      return refused(internal(), name);
    }
  }

  const answer = (request: CallRequest) => answerCall(request, context, answerLimitMs);

  return { ...listener, answer };
}

function functionOf({ method, url = '' }: IncomingMessage): FunctionName | undefined {
  return method === 'POST' ? (NAMES.get(url) ?? NAMES.get(pathOf(url))) : undefined;
}
