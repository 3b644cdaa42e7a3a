// §5.2.6: the subject and reason codes with which functions of ES2+ and ES9+ are refused, and their texts.

/** Subject codes (§5.2.6.1): what the refusal is about. */
export const subjects = {
  '1.1': 'Function requester',
  '1.2': 'Function provider',
  '1.3': 'Protocol',
  '1.3.1': 'Protocol format',
  '1.3.2': 'Protocol version',
  '1.6': 'Function',
  '8': 'eUICC remote provisioning',
  '8.1': 'eUICC',
  '8.1.1': 'EID',
  '8.1.2': 'EUM certificate',
  '8.1.3': 'eUICC certificate',
  '8.2': 'Profile',
  '8.2.1': 'Profile ICCID',
  '8.2.5': 'Profile type',
  '8.2.6': 'Matching ID',
  '8.2.7': 'Confirmation code',
  '8.2.8': 'Profile policy rules',
  '8.2.9': 'Profile metadata',
  '8.2.10': 'Bound profile package',
  '8.8': 'SM-DP+',
  '8.8.1': 'SM-DP+ address',
  '8.8.2': 'Security configuration',
  '8.8.3': 'Specification version number',
  '8.8.4': 'SM-DP+ certificate',
  '8.8.5': 'Download order',
  '8.9': 'SM-DS',
  '8.9.1': 'SM-DS address',
  '8.9.2': 'Security configuration',
  '8.9.3': 'Specification version number',
  '8.9.4': 'SM-DS certificate',
  '8.9.5': 'Event record',
  '8.10.1': 'Transaction ID',
  '8.11.1': 'CI public key',
} as const;
export type SubjectCode = keyof typeof subjects;

/** Reason codes (§5.2.6.2): why it was refused. Codes are text: 3.1 and 3.10 differ. */
export const reasons = {
  '1.1': 'Unknown (identification or authentication)',
  '1.2': 'Not allowed (authorisation)',
  '2.1': 'Invalid',
  '2.2': 'Mandatory element missing',
  '2.3': 'Conditional element missing',
  '3.1': 'Unsupported',
  '3.3': 'Already in use',
  '3.4': 'Invalid destination',
  '3.5': 'Invalid transition',
  '3.6': 'Related objects exist',
  '3.7': 'Unavailable',
  '3.8': 'Refused',
  '3.9': 'Unknown',
  '3.10': 'Invalid association',
  '3.11': 'Value has changed',
  '3.12': 'Invalid match',
  '4.2': 'Execution error',
  '4.3': 'Stopped on warning',
  '4.4': 'Busy',
  '4.8': 'Insufficient memory',
  '4.10': 'Time to live expired',
  '5.1': 'Inaccessible',
  '5.2': 'Timeout',
  '5.3': 'Time to live expired',
  '5.4': 'Delivered with no response',
  '6.1': 'Verification failed',
  '6.3': 'Expired',
  '6.4': 'Maximum number of retries exceeded',
} as const;
export type ReasonCode = keyof typeof reasons;

/** What the refusal is about, and why. */
export interface StatusCode {
  subjectCode: SubjectCode;
  reasonCode: ReasonCode;
}

/** For people and the API's `error_code`: `8.2.7/6.4`. Also accepts codes chosen by other systems. */
export function formatStatusCode(code: { subjectCode: string; reasonCode: string }): string {
  return `${code.subjectCode}/${code.reasonCode}`;
}
