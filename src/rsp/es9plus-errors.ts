// The error numbers of the ASN.1 binding of ES9+ (§6.6, annex H), with the subject and reason codes of §5.6 for which each
// stands. Codes without a number of their own are undefinedError.
import type { StatusCode } from './status-codes.ts';
import { formatStatusCode } from './status-codes.ts';

interface NamedError {
  readonly name: string;
  readonly number: number;
  /** `SUBJECT/REASON` */
  readonly codes: readonly string[];
}

const UNDEFINED = { name: 'undefinedError', number: 127, codes: [] };
const error = (number: number, name: string, ...codes: string[]): NamedError => ({
  name,
  number,
  codes,
});

/** By function; HandleNotification has no response. */
export const es9PlusErrors = {
  initiateAuthentication: [
    error(1, 'invalidDpAddress', '8.8.1/3.8'),
    error(2, 'euiccVersionNotSupportedByDp', '8.8.3/3.1'),
    error(3, 'ciPKNotSupported', '8.8.2/3.1', '8.8.4/3.7'),
    UNDEFINED,
  ],
  authenticateClient: [
    error(1, 'eumCertificateInvalid', '8.1.2/6.1'),
    error(2, 'eumCertificateExpired', '8.1.2/6.3'),
    error(3, 'euiccCertificateInvalid', '8.1.3/6.1'),
    error(4, 'euiccCertificateExpired', '8.1.3/6.3'),
    error(5, 'euiccSignatureInvalid', '8.1/6.1'),
    error(6, 'matchingIdRefused', '8.2.6/3.8'),
    error(7, 'eidMismatch', '8.1.1/3.8'),
    error(8, 'noEligibleProfile', '8.2.5/4.3'),
    error(9, 'ciPKUnknown', '8.11.1/3.9'),
    error(10, 'invalidTransactionId', '8.10.1/3.9'),
    error(11, 'insufficientMemory', '8.1/4.8'),
    UNDEFINED,
  ],
  getBoundProfilePackage: [
    error(1, 'euiccSignatureInvalid', '8.1/6.1'),
    error(2, 'confirmationCodeMissing', '8.2.7/2.2'),
    error(3, 'confirmationCodeRefused', '8.2.7/3.8'),
    error(4, 'confirmationCodeRetriesExceeded', '8.2.7/6.4'),
    error(5, 'bppRebindingRefused', '8.2/3.7'),
    error(6, 'downloadOrderExpired', '8.8.5/4.10'),
    error(95, 'invalidTransactionId', '8.10.1/3.9'),
    UNDEFINED,
  ],
  cancelSession: [
    error(1, 'invalidTransactionId', '8.10.1/3.9'),
    error(2, 'euiccSignatureInvalid', '8.1/6.1'),
    UNDEFINED,
  ],
} as const satisfies Record<string, readonly NamedError[]>;
export type AnsweredFunction = keyof typeof es9PlusErrors;

/** The number with which a function is refused. */
export function errorNumberOf(name: AnsweredFunction, refusal: StatusCode): number {
  const code = formatStatusCode(refusal);
  const errors: readonly NamedError[] = es9PlusErrors[name];
  return (errors.find(({ codes }) => codes.includes(code)) ?? UNDEFINED).number;
}

/** The numbers of a function by their names, as in the definition. */
export function errorNumbers(name: AnsweredFunction): Readonly<Record<string, number>> {
  return Object.fromEntries(es9PlusErrors[name].map((one) => [one.name, one.number]));
}
