// Members of a JSON request of ES9+ (§6.5.2).
import type { Members } from '../https/json-message.ts';
import { DerError } from '../rsp/der-error.ts';
import type { MessageName } from '../rsp/describe.ts';
import { FunctionExecutionError } from '../rsp/function-execution-error.ts';

/** A string member. Throws 1.6 / 2.2 if it is missing, 1.6 / 2.1 if it has another type. */
export function textMember(members: Members, name: string): string {
  const value = members[name];
  if (value === undefined || value === null) {
    throw new FunctionExecutionError('1.6', '2.2', `${name} is missing`, name);
  }
  if (typeof value !== 'string') {
    throw new FunctionExecutionError('1.6', '2.1', `${name} must be a string`, name);
  }
  return value;
}

/** The bytes of a base64 member, which may contain white space. Throws 1.6 / 2.1. */
export function bytesMember(members: Members, name: string): Uint8Array {
  const text = textMember(members, name);
  const bytes = parseBase64(text) ?? parseBase64(text.replaceAll(/\s/g, ''));
  if (bytes === undefined || bytes.length === 0) {
    throw new FunctionExecutionError('1.6', '2.1', `${name} must be base64`, name);
  }
  return bytes;
}

/** Undefined unless it is only base64, with its padding. */
function parseBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined;
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  try {
    const bytes = Uint8Array.fromBase64(text);
    // White space is skipped, and makes the length another.
    return bytes.length === (text.length / 4) * 3 - padding ? bytes : undefined;
  } catch {
    return undefined;
  }
}

/** A message in a member, with its received bytes. Throws 1.6 / 2.1. */
export function messageMember<T>(
  members: Members,
  name: string,
  message: MessageName,
  type: { decode(der: Uint8Array): T },
): { value: T; der: Uint8Array } {
  const der = bytesMember(members, name);
  try {
    return { value: type.decode(der), der };
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
    throw new FunctionExecutionError(
      '1.6',
      '2.1',
      `${name} is not a valid ${message}: ${error.message}`,
      name,
    );
  }
}
