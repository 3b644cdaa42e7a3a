// Members of a JSON request of ES9+ (§6.5.2).
import { DerError } from '../rsp/der-error.ts';
import type { MessageName } from '../rsp/describe.ts';
import { FunctionExecutionError } from '../rsp/function-execution-error.ts';

export type Members = Readonly<Record<string, unknown>>;

/** A member that must be a text. Throws 1.6 / 2.2 when it is missing, 1.6 / 2.1 when it is another type. */
export function textMember(members: Members, name: string): string {
  const value = members[name];
  if (value === undefined || value === null) {
    throw new FunctionExecutionError('1.6', '2.2', `${name} is missing`, name);
  }
  if (typeof value !== 'string') {
    throw new FunctionExecutionError('1.6', '2.1', `${name} must be a text`, name);
  }
  return value;
}

/** The bytes of a member in base64, in which white space may stand. Throws 1.6 / 2.1. */
export function bytesMember(members: Members, name: string): Uint8Array {
  const text = textMember(members, name).replaceAll(/\s/g, '');
  if (text === '' || text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) {
    throw new FunctionExecutionError('1.6', '2.1', `${name} must be base64`, name);
  }
  return Uint8Array.fromBase64(text);
}

/** A message in a member, with its bytes as they came. Throws 1.6 / 2.1. */
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
      `${name} is no ${message}: ${error.message}`,
      name,
    );
  }
}

export function base64(bytes: Uint8Array): string {
  return bytes.toBase64();
}
