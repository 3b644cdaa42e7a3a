import type { Finding } from '../../saip/check.ts';

/** A profile package must not be delivered; the message lists all its errors. */
export class ProfilePackageError extends Error {
  override name = 'ProfilePackageError';
  readonly findings: readonly Finding[];

  constructor(title: string, findings: readonly Finding[], cause?: unknown) {
    const lines = findings.map(({ rule, where, message }) => `${where}: ${message} (${rule})`);
    super(`${title}: ${lines.join('; ')}`, cause === undefined ? {} : { cause });
    this.findings = findings;
  }
}
