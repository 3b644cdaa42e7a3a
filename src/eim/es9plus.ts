// What the eIM knows of an SM-DP+: the functions of ES9+ (SGP.22 §5.6, SGP.32 calls them ES9+'), in which it stands in for the LPA.
import { readForeignStatus } from '../rsp/foreign-status.ts';
import { FunctionExecutionError } from '../rsp/function-execution-error.ts';

export type Es9PlusFunction =
  | 'initiateAuthentication'
  | 'authenticateClient'
  | 'getBoundProfilePackage'
  | 'handleNotification'
  | 'cancelSession';

export type Members = Readonly<Record<string, string>>;

/** The IPA for which a function is called. */
export interface Caller {
  userAgent: string | undefined;
  address: string | null;
}

/** SM-DP+s that can be called. */
export interface Es9Plus {
  /** @param smdpAddress host, with its port if it is not 443 */
  reaches(smdpAddress: string): boolean;
  /** Of the JSON binding. Throws `SmdpUnavailable` if nothing has answered. */
  call(
    name: Es9PlusFunction,
    smdpAddress: string,
    members: Members,
    caller: Caller,
  ): Promise<{ status: number; body: string }>;
}

/** The SM-DP+ has not done what it was asked, and may do so later. */
export class SmdpUnavailable extends Error {
  override name = 'SmdpUnavailable';
}

/** Function provider, busy (SGP.22 §5.2.6). */
const isBusy = ({ subjectCode, reasonCode }: { subjectCode: string; reasonCode: string }) =>
  subjectCode === '1.2' && reasonCode === '4.4';

/**
 * Calls a function that has a response.
 * @returns its members. Throws `FunctionExecutionError` if it is refused, `SmdpUnavailable`
 */
export async function callEs9Plus(
  es9plus: Es9Plus,
  name: Exclude<Es9PlusFunction, 'handleNotification'>,
  smdpAddress: string,
  members: Members,
  caller: Caller,
): Promise<Record<string, unknown>> {
  const { status, body } = await es9plus.call(name, smdpAddress, members, caller);
  const answer = parseObject(body);
  const execution = objectIn(objectIn(answer, 'header'), 'functionExecutionStatus');
  if (status !== 200 || execution === undefined) {
    throw new SmdpUnavailable(`${smdpAddress} answered ${name} with status ${status}`);
  }
  if (execution['status'] === 'Executed-Success') return answer!;
  const { subjectCode, reasonCode, message } = readForeignStatus(
    objectIn(execution, 'statusCodeData') ?? {},
  );
  if (isBusy({ subjectCode, reasonCode })) throw new SmdpUnavailable(`${smdpAddress} is busy`);
  throw new FunctionExecutionError(subjectCode, reasonCode, message ?? 'refused by the SM-DP+');
}

/** SGP.22 §5.6.4. @returns whether the SM-DP+ has taken it over. Throws `SmdpUnavailable`. */
export async function notifySmdp(
  es9plus: Es9Plus,
  smdpAddress: string,
  pendingNotification: Uint8Array,
  caller: Caller,
): Promise<boolean> {
  if (!es9plus.reaches(smdpAddress)) return false;
  const { status } = await es9plus.call(
    'handleNotification',
    smdpAddress,
    { pendingNotification: pendingNotification.toBase64() },
    caller,
  );
  return status >= 200 && status < 300;
}

/** The bytes of a member. Throws `SmdpUnavailable` if there are none. */
export function bytesIn(answer: Record<string, unknown>, name: string): Uint8Array {
  const bytes = optionalBytesIn(answer, name);
  if (bytes === undefined) throw new SmdpUnavailable(`the SM-DP+ has answered without ${name}`);
  return bytes;
}

export function optionalBytesIn(
  answer: Record<string, unknown>,
  name: string,
): Uint8Array | undefined {
  const value = answer[name];
  if (typeof value !== 'string') return undefined;
  try {
    return Uint8Array.fromBase64(value);
  } catch {
    return undefined;
  }
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function objectIn(
  value: Record<string, unknown> | undefined,
  name: string,
): Record<string, unknown> | undefined {
  const member = value?.[name];
  return isObject(member) ? member : undefined;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
