// §6.5.2, §5.2.6: what the JSON bindings of all interfaces have in common.
import { FunctionExecutionError } from '../rsp/function-execution-error.ts';

export type Members = Readonly<Record<string, unknown>>;

/** Throws 1.3.1 / 2.1. */
export function parseMembers(body: string): Members {
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

/** The header of the response to a function that is refused. */
export function failedHeader({
  subjectCode,
  reasonCode,
  subjectIdentifier,
  message,
}: FunctionExecutionError): object {
  const statusCodeData = {
    subjectCode,
    reasonCode,
    ...(subjectIdentifier === undefined ? {} : { subjectIdentifier }),
    message,
  };
  return { functionExecutionStatus: { status: 'Failed', statusCodeData } };
}
