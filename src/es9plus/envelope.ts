// §6.5: what every request and response of ES9+ has in common.
import type { IncomingHttpHeaders } from 'node:http';
import { checkProtocol } from '../https/admin-protocol.ts';
import type { Answer } from '../https/https-listener.ts';
import { FunctionExecutionError } from '../rsp/function-execution-error.ts';
import type { Failure } from './failure.ts';
import { statusOf } from './failure.ts';
import type { AnswerMembers, FunctionName } from './json-binding.ts';
import type { Members } from './members.ts';
import type { UnreadableBody } from '../https/request-body.ts';

/** A call as received. */
export interface CallRequest {
  name: FunctionName;
  headers: IncomingHttpHeaders;
  body: string;
  /** Network address of the caller. */
  address: string | null;
}

const JSON_TYPE = 'application/json;charset=UTF-8';
const RETRY_AFTER_SECONDS = 10;

export const NO_CONTENT: Answer = { status: 204 };

/** Throws `FunctionExecutionError` with the subjects Protocol and Function. */
export function parseRequest({ headers, body }: CallRequest): Members {
  checkProtocol(headers);
  let members: unknown;
  try {
    members = JSON.parse(body);
  } catch {
    throw new FunctionExecutionError('1.3.1', '2.1', 'The body must be JSON');
  }
  if (typeof members !== 'object' || members === null || Array.isArray(members)) {
    throw new FunctionExecutionError('1.3.1', '2.1', 'The body must be a JSON object');
  }
  return members as Members;
}

const SUCCESS = '{"header":{"functionExecutionStatus":{"status":"Executed-Success"}}';

export function executed(members: AnswerMembers): Answer {
  let body = SUCCESS;
  for (const [name, value] of Object.entries(members)) {
    body += `,"${name}":${typeof value === 'string' ? JSON.stringify(value) : `"${value.toBase64()}"`}`;
  }
  return { status: 200, headers: { 'content-type': JSON_TYPE }, body: `${body}}` };
}

/** §5.2.6, §6.5.1: a refusal is a normal response with status 200; see `statusOf`. */
export function refused(failure: Failure, name: FunctionName): Answer {
  const { subjectCode, reasonCode, subjectIdentifier, message } = failure.refusal;
  const statusCodeData = {
    subjectCode,
    reasonCode,
    ...(subjectIdentifier === undefined ? {} : { subjectIdentifier }),
    message,
  };
  const header = { functionExecutionStatus: { status: 'Failed', statusCodeData } };
  const status = statusOf(failure, name);
  return {
    status,
    headers: {
      ...(status === 503 ? { 'retry-after': String(RETRY_AFTER_SECONDS) } : {}),
      'content-type': JSON_TYPE,
    },
    body: Buffer.from(JSON.stringify({ header })),
  };
}

/** As `refused`; if the rest of the body is still to come, it is not awaited. */
export function unreadable({ message, isCutShort }: UnreadableBody, name: FunctionName): Answer {
  const refusal = new FunctionExecutionError('1.3.1', '2.1', message);
  const answer = refused({ kind: 'refused', refusal }, name);
  return isCutShort ? { ...answer, headers: { connection: 'close', ...answer.headers } } : answer;
}
