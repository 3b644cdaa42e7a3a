// The codes with which orders fail, in words: the same for all orders with a code, unlike `error_message`.
import { bppCommandIds, errorReasons, nameOf } from '../../rsp/reasons.ts';
import { reasons, subjects } from '../../rsp/status-codes.ts';
import { CANCELLED, EXPIRED } from '../cancel-order.ts';
import { NO_STOCK, NOT_CARRIED_OUT } from '../reserve.ts';

const OURS = new Map(
  [CANCELLED, EXPIRED, NO_STOCK, NOT_CARRIED_OUT].map((failure) => [
    failure.error_code,
    failure.error_message,
  ]),
);

const SUBJECTS = new Map<string, string>(Object.entries(subjects));
const REASONS = new Map<string, string>(Object.entries(reasons));

/** @returns null if the code says nothing to us */
export function errorText(code: string): string | null {
  const ours = OURS.get(code);
  if (ours !== undefined) return ours;
  const [first = '', second = ''] = code.split('/');
  // An eUICC reports numbers (§2.5.6), the functions of the SM-DP+ codes with dots (§5.2.6).
  if (/^\d+$/.test(first) && /^\d+$/.test(second)) {
    const command = nameOf(bppCommandIds, Number(first)) ?? `command ${first}`;
    const reason = nameOf(errorReasons, Number(second)) ?? `errorReason ${second}`;
    return `The eUICC reported ${reason} in ${command}`;
  }
  const subject = SUBJECTS.get(first);
  const reason = REASONS.get(second);
  return subject === undefined || reason === undefined ? null : `${subject}: ${reason}`;
}
