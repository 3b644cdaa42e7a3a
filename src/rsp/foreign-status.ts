// Status codes of another company's server (§5.2.6), whose texts need not be what the standard says.
import type { ReasonCode, SubjectCode } from './status-codes.ts';

/** All have this form (§5.2.6.1), though some peers have codes of their own. */
const CODE = /^\d{1,3}(\.\d{1,3}){0,4}$/;
/** Of a message that is kept. */
const MESSAGE_LIMIT = 500;

export interface ForeignStatus {
  subjectCode: SubjectCode;
  reasonCode: ReasonCode;
  message: string | undefined;
}

/** As it can be stored and shown: 8 / 4.2 for codes that are none, and a message of one line. */
export function readForeignStatus(codes: {
  subjectCode?: unknown;
  reasonCode?: unknown;
  message?: unknown;
}): ForeignStatus {
  const { subjectCode, reasonCode, message } = codes;
  return {
    subjectCode: (codeIn(subjectCode) ?? '8') as SubjectCode,
    reasonCode: (codeIn(reasonCode) ?? '4.2') as ReasonCode,
    message: typeof message === 'string' ? printable(message) : undefined,
  };
}

const codeIn = (value: unknown) =>
  typeof value === 'string' && CODE.test(value) ? value : undefined;

// PostgreSQL cannot store NUL characters in text.
const printable = (text: string) =>
  text
    .slice(0, MESSAGE_LIMIT)
    .replaceAll(/\p{Cc}/gu, ' ')
    .toWellFormed();
