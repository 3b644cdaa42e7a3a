// What the eIM knows of an SM-DP+: the functions of ES9+ (SGP.22 §5.6, SGP.32 calls them ES9+'), in which it stands in for the LPA.
import { DerReader } from '../rsp/der.ts';
import { DerError } from '../rsp/der-error.ts';
import type { Es9PlusFunction } from '../rsp/es9plus-functions.ts';
import { readForeignStatus } from '../rsp/foreign-status.ts';
import { FunctionExecutionError } from '../rsp/function-execution-error.ts';
import type { WhichSmdps } from './which-smdps.ts';

export type Members = Readonly<Record<string, string>>;

/** The IPA for which a function is called. */
export interface Caller {
  userAgent: string | undefined;
  address: string | null;
}

/** SM-DP+s, and SM-DSs, that can be called. */
export interface Es9Plus extends WhichSmdps {
  /**
   * Of the JSON binding. Throws `SmdpUnavailable` if nothing has answered.
   * @param smdpAddress host, with its port if it is not 443
   */
  call(
    name: Es9PlusFunction,
    smdpAddress: string,
    members: Members,
    caller: Caller,
  ): Promise<{ status: number; body: string }>;
}

/** The SM-DP+ has not done what it was asked, as far as we know, and may do so later. The message may be shown to accounts. */
export class SmdpUnavailable extends Error {
  override name = 'SmdpUnavailable';
}

/** Function provider, busy (SGP.22 §5.2.6). */
const isBusy = ({ subjectCode, reasonCode }: { subjectCode: string; reasonCode: string }) =>
  subjectCode === '1.2' && reasonCode === '4.4';

const SUCCESSES: readonly unknown[] = ['Executed-Success', 'Executed-WithWarning'];

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
  if (status !== 200) throw new SmdpUnavailable(`${smdpAddress} answered ${name} with ${status}`);
  if (execution === undefined) {
    throw new SmdpUnavailable(`${smdpAddress} answered ${name} without functionExecutionStatus`);
  }
  if (SUCCESSES.includes(execution['status'])) return answer!;
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
  const { status } = await es9plus.call(
    'handleNotification',
    smdpAddress,
    { pendingNotification: pendingNotification.toBase64() },
    caller,
  );
  return status >= 200 && status < 300;
}

/** The DER of a member, as it came. Throws `SmdpUnavailable` if it is not one TLV with this tag. */
export function tlvIn(answer: Record<string, unknown>, name: string, tag: number): Uint8Array {
  const value = answer[name];
  if (typeof value !== 'string') throw malformed(`without ${name}`);
  try {
    const der = Uint8Array.fromBase64(value);
    const reader = new DerReader(der);
    reader.expect(tag, name);
    reader.finish();
    return der;
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof DerError)) throw error;
    throw malformed(`with a ${name} that is none`);
  }
}

export function optionalTlvIn(
  answer: Record<string, unknown>,
  name: string,
  tag: number,
): Uint8Array | undefined {
  return answer[name] === undefined ? undefined : tlvIn(answer, name, tag);
}

export const malformed = (what: string) => new SmdpUnavailable(`the SM-DP+ has answered ${what}`);

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
