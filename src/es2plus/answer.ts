// §6.5.2, §5.2.6: the responses of ES2+ in JSON.
import type { Answer } from '../https/https-listener.ts';
import { failedHeader } from '../https/json-message.ts';
import type { FunctionExecutionError } from '../rsp/function-execution-error.ts';
import type { FunctionName } from './functions.ts';
import { functions } from './functions.ts';

const JSON_TYPE = 'application/json;charset=UTF-8';
const RETRY_AFTER_SECONDS = 10;

/** `stranger`: the caller may not call. `cut short`: its body was too long. The others are as in failure.ts. */
export type Refused = 'stranger' | 'cut short' | 'refused' | 'busy' | 'internal';

/** Whether a function answers without a body (§5.3.5); then, the status says whether the caller has to try again. */
const hasNoBody = (name: FunctionName) => functions[name].direction === 'SM-DP+ to operator';

export function executed(name: FunctionName, members: object | void): Answer {
  if (hasNoBody(name)) return { status: 204 };
  const header = { functionExecutionStatus: { status: 'Executed-Success' } };
  return json(200, { header, ...members });
}

/** A refusal is a normal response, with status 200, to those who may call. */
export function refused(
  name: FunctionName,
  refusal: FunctionExecutionError,
  kind: Refused,
): Answer {
  const header = failedHeader(refusal);
  const status = kind === 'stranger' ? 403 : hasNoBody(name) ? NOT_DONE[kind] : 200;
  return json(
    status,
    { header },
    {
      ...(kind === 'stranger' || kind === 'cut short' ? { connection: 'close' } : {}),
      ...(status === 503 ? { 'retry-after': String(RETRY_AFTER_SECONDS) } : {}),
    },
  );
}

const NOT_DONE = { 'cut short': 400, refused: 400, busy: 503, internal: 500 } as const;

function json(status: number, members: object, headers: Answer['headers'] = {}): Answer {
  const body = JSON.stringify(members);
  const isAscii = Buffer.byteLength(body) === body.length;
  return {
    status,
    headers: { ...headers, 'content-type': JSON_TYPE },
    body: isAscii ? body : Buffer.from(body),
  };
}
