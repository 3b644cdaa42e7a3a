// §6.2: the version of the specification that each side names in the header X-Admin-Protocol.
import type { IncomingHttpHeaders } from 'node:http';
import { FunctionExecutionError } from '../rsp/function-execution-error.ts';

/** The version of the specification that we support. */
export const ADMIN_PROTOCOL = 'gsma/rsp/v2.5.0';
const ACCEPTED_PROTOCOL = /^gsma\/rsp\/v[23]\.\d+(\.\d+)?$/i;

/** Callers that name no version are served. Throws 1.3.2 / 3.1 for one that shares none with us. */
export function checkProtocol(headers: IncomingHttpHeaders): void {
  const protocol = headers['x-admin-protocol'];
  if (protocol === undefined || ACCEPTED_PROTOCOL.test(String(protocol))) return;
  throw new FunctionExecutionError(
    '1.3.2',
    '3.1',
    `X-Admin-Protocol must be gsma/rsp/v2.x or v3.x`,
  );
}
