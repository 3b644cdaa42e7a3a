// §6.5.2, §5.2.6: a request of ES2+ from its JSON, with what every function checks in the same way.
import type { IncomingHttpHeaders } from 'node:http';
import type { TSchema } from 'typebox';
import { Compile } from 'typebox/compile';
import { checkProtocol } from '../https/admin-protocol.ts';
import { parseMembers } from '../https/json-message.ts';
import { FunctionExecutionError } from '../rsp/function-execution-error.ts';
import type { SubjectCode } from '../rsp/status-codes.ts';
import type { Es2PlusRequest, FunctionName } from './functions.ts';
import { functions } from './functions.ts';

const VALIDATORS = new Map(
  Object.entries(functions).map(([name, { request }]) => [name, Compile<TSchema>(request)]),
);

/** What a member that cannot be read is about; others are about the function. */
const SUBJECTS: Readonly<Record<string, SubjectCode>> = {
  iccid: '8.2.1',
  eid: '8.1.1',
  matchingId: '8.2.6',
  confirmationCode: '8.2.7',
  profileType: '8.2.5',
  smdsAddress: '8.9.1',
};

/**
 * @returns the request, with ICCIDs and EIDs in the form in which they are kept
 *
 * Throws 1.3.2 / 3.1 for a version that we do not share, 1.3.1 / 2.1 for a body that is not a JSON object, 1.6 / 2.2 for
 * a missing member, and reason 2.1 for one of another form.
 */
export function parseRequest<Name extends FunctionName>(
  name: Name,
  headers: IncomingHttpHeaders,
  body: string,
): Es2PlusRequest<Name> {
  checkProtocol(headers);
  const members = parseObject(body);
  const validator = VALIDATORS.get(name)!;
  // Finding errors costs much more than finding none.
  if (!validator.Check(members)) throw refusalOf(validator.Errors(members)[0]!);
  const known = Object.keys(functions[name].request.properties);
  // Members of later versions, or of one peer's own, say nothing to us, and are kept nowhere.
  const read = known.flatMap((key) => (Object.hasOwn(members, key) ? [[key, members[key]]] : []));
  return { ...Object.fromEntries(read), ...normalised(members) } as Es2PlusRequest<Name>;
}

/** Without members that are null, by which some callers say that they have no value. */
function parseObject(body: string): Record<string, unknown> {
  const members = Object.entries(parseMembers(body)).filter(([, value]) => value !== null);
  for (const [name, value] of members) checkText(name, value);
  const given: Record<string, unknown> = Object.fromEntries(members);
  for (const [name, value] of Object.entries(given.header ?? {})) checkText(name, value);
  return given;
}

/** What a database cannot store is no text for us either. */
function checkText(name: string, value: unknown): void {
  if (typeof value !== 'string' || (value.isWellFormed() && !/\p{Cc}/u.test(value))) return;
  throw new FunctionExecutionError(
    SUBJECTS[name] ?? '1.6',
    '2.1',
    `${name} must not have control characters`,
    name,
  );
}

interface ValidationError {
  keyword: string;
  instancePath: string;
  params: unknown;
  message: string;
}

function refusalOf({ keyword, instancePath, params, message }: ValidationError) {
  const path = instancePath.split('/').slice(1);
  if (keyword === 'required') {
    const { requiredProperties } = params as { requiredProperties: string[] };
    const missing = [...path, requiredProperties[0]!].join('.');
    return new FunctionExecutionError('1.6', '2.2', `${missing} is missing`, missing);
  }
  const member = path.join('.');
  const subject = SUBJECTS[path[0] ?? ''] ?? '1.6';
  return new FunctionExecutionError(subject, '2.1', `${member} ${message}`, member);
}

function normalised({ iccid, eid }: Record<string, unknown>): Record<string, unknown> {
  return {
    ...(typeof iccid === 'string' ? { iccid: iccid.toUpperCase().replace(/F+$/, '') } : {}),
    ...(typeof eid === 'string' ? { eid: eid.toUpperCase() } : {}),
  };
}
