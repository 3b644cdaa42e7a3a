// §6.5.1, §6.5.2: calls functions of another server of the RSP system in the JSON binding, as ES2+ and ES12 have it.
import { FunctionExecutionError } from '../rsp/function-execution-error.ts';
import type { ReasonCode, SubjectCode } from '../rsp/status-codes.ts';
import { connectPeer, recorded } from './mutual-tls.ts';
import type { PeerOptions } from './mutual-tls.ts';
import { PeerUnavailable } from './peer-unavailable.ts';

export const PROTOCOL_VERSION = 'gsma/rsp/v2.5.0';

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
  /** Closes the connections that are kept. */
  close(): void;
}

export function functionCaller(options: PeerOptions): FunctionCaller {
  const peer = connectPeer(options);
  return {
    async call(path, request, hasAnswer, signal) {
      const headers = { 'X-Admin-Protocol': PROTOCOL_VERSION };
      const answer = await peer.post(path, JSON.stringify(request), headers, signal);
      if (answer.body === '') return {};
      const members = parseObject(answer.body);
      const status = members === undefined ? undefined : statusOf(members);
      if (status?.status === 'Failed' || status?.status === 'Expired') throw refusal(status);
      if (!hasAnswer) return {};
      if (members === undefined) throw unreadable('the response is not a JSON object', answer);
      if (status?.status === undefined || !SUCCESSES.includes(status.status)) {
        throw unreadable('the response has no functionExecutionStatus', answer);
      }
      const { header: _, ...response } = members;
      return response;
    },
    close: () => peer.close(),
  };
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
  status: string | undefined;
  subjectCode: string | undefined;
  reasonCode: string | undefined;
  message: string | undefined;
}

/** Undefined members are those that are missing, or are no text. */
function statusOf({ header }: Record<string, unknown>): Status {
  const status = objectIn(objectIn(header)['functionExecutionStatus']);
  const codes = objectIn(status['statusCodeData']);
  return {
    status: textIn(status['status']),
    subjectCode: codeIn(codes['subjectCode']),
    reasonCode: codeIn(codes['reasonCode']),
    message: textIn(codes['message']),
  };
}

function refusal({ status, subjectCode, reasonCode, message }: Status): FunctionExecutionError {
  const text = message ?? (status === 'Expired' ? 'The call had expired' : 'No reason was given');
  return new FunctionExecutionError(
    (subjectCode ?? '8') as SubjectCode,
    (reasonCode ?? '4.2') as ReasonCode,
    printable(text),
  );
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
const textIn = (value: unknown) => (typeof value === 'string' ? value : undefined);
/** Some peers have their own codes, but all have this form (§5.2.6.1). */
const codeIn = (value: unknown) => {
  const text = textIn(value);
  return text !== undefined && /^\d{1,3}(\.\d{1,3}){0,4}$/.test(text) ? text : undefined;
};
// oxlint-disable-next-line no-control-regex -- they are what must not come in
const printable = (text: string) => text.replaceAll(/[\u0000-\u001f\u007f]/g, ' ');
