// The error of all verification: a certificate, CRL, signature or bound profile package is well-formed but cannot be
// trusted. The edge chooses the status code.

/** Stable codes, one per rule. */
const verifyFailures = [
  'curve',
  'public-key',
  'algorithm',
  'signature',
  'issuer',
  'key-identifier',
  'not-yet-valid',
  'expired',
  'role',
  'key-usage',
  'extended-key-usage',
  'basic-constraints',
  'path-length',
  'critical-extension',
  'eid',
  'eid-range',
  'host-name',
  'smdp-oid',
  'revoked',
  'crl-issuer',
  'crl-not-current',
  'bound-profile-package',
] as const;
export type VerifyFailure = (typeof verifyFailures)[number];

/** What was being verified. */
export type VerifySubject = 'ci' | 'eum' | 'euicc' | 'server' | 'crl' | 'key' | 'package';

/** `failure` is the broken rule, `subject` what broke it; the message is for the log. */
export class VerifyError extends Error {
  override readonly name: string = 'VerifyError';
  readonly subject: VerifySubject;
  readonly failure: VerifyFailure;

  constructor(subject: VerifySubject, failure: VerifyFailure, message: string) {
    super(message);
    this.subject = subject;
    this.failure = failure;
  }
}
