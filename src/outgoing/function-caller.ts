// §6.5.1, §6.5.2: calls functions of another server of the RSP system in the JSON binding, as ES2+ and ES12 have it.
import { readForeignStatus } from '../rsp/foreign-status.ts';
import { PROTOCOL_VERSION } from '../rsp/es9plus-functions.ts';
import { FunctionExecutionError } from '../rsp/function-execution-error.ts';
import { connectPeer, recorded } from './mutual-tls.ts';
import type { PeerOptions } from './mutual-tls.ts';
import { PeerUnavailable } from './peer-unavailable.ts';

export interface FunctionCaller {
  /**
   * @param request with its header
   * @param hasAnswer whether the function has a response; without, any status 2xx is success, unless its body refuses
   * @returns the members of the response, without its header, as they came; without a body, none
   * Throws `FunctionExecutionError` if the peer refuses, whose codes need not be those of the standard;
   * `PeerUnavailable` if there is no answer that can be read.
   */
  call(
    path: string,
    request: object,
    hasAnswer: boolean,
    signal?: AbortSignal,
  ): Promise<Record<string, unknown>>;
  /**
   * Calls a function without a response.
   * @returns the HTTP status
   */
  notify(path: string, request: object): Promise<number>;
  /** Closes the connections that are kept. */
  close(): void;
}

export function functionCaller(options: PeerOptions): FunctionCaller {
  const peer = connectPeer(options);

  async function post(path: string, request: object, signal?: AbortSignal) {
    const headers = { 'X-Admin-Protocol': PROTOCOL_VERSION };
    const answer = await peer
      .post(path, JSON.stringify(request), headers, signal)
      .catch((failed: unknown) => {
        throw refusalIn(failed) ?? failed;
      });
    const members = answer.body === '' ? {} : parseObject(answer.body);
    const status = members === undefined ? undefined : statusOf(members);
    const refused = refusalOf(status);
    if (refused !== undefined) throw refused;
    return { answer, members, status };
  }

  return {
    async call(path, request, hasAnswer, signal) {
      const { answer, members, status } = await post(path, request, signal);
      if (!hasAnswer || answer.body === '') return {};
      if (members === undefined) throw unreadable('the response is not a JSON object', answer);
      if (status?.status === undefined || !SUCCESSES.includes(status.status)) {
        throw unreadable('the response has no functionExecutionStatus', answer);
      }
      const { header: _, ...response } = members;
      return response;
    },
    notify: async (path, request) => (await post(path, request)).answer.statusCode,
    close: () => peer.close(),
  };
}

/** Some peers refuse with status 400, above all those functions that have no response. */
function refusalIn(failed: unknown): FunctionExecutionError | undefined {
  if (!(failed instanceof PeerUnavailable) || failed.statusCode !== 400) return undefined;
  const members = parseObject(failed.response ?? '');
  const status = members === undefined ? undefined : statusOf(members);
  return refusalOf(status);
}

const SUCCESSES = ['Executed-Success', 'Executed-WithWarning'];

/** That of an answer which cannot be read; the peer may well have done what it was asked to. */
export function unreadable(
  why: string,
  { statusCode, body }: { statusCode?: number; body: string },
): PeerUnavailable {
  return new PeerUnavailable(why, 'sent', {
    ...(statusCode === undefined ? {} : { statusCode }),
    response: recorded(body),
  });
}

interface Status {
  /** Undefined if it is missing, or is no text. */
  status: string | undefined;
  codes: Record<string, unknown>;
}

function statusOf({ header }: Record<string, unknown>): Status {
  const { status, statusCodeData } = objectIn(objectIn(header)['functionExecutionStatus']);
  return {
    status: typeof status === 'string' ? status : undefined,
    codes: objectIn(statusCodeData),
  };
}

function refusalOf(given: Status | undefined): FunctionExecutionError | undefined {
  if (given?.status !== 'Failed' && given?.status !== 'Expired') return undefined;
  const { subjectCode, reasonCode, message } = readForeignStatus(given.codes);
  const text = given.status === 'Expired' ? 'The call had expired' : 'No reason was given';
  return new FunctionExecutionError(subjectCode, reasonCode, message ?? text);
}

function parseObject(body: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(body) as unknown;
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

const objectIn = (value: unknown) =>
  (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
