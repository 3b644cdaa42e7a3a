// The CRLs of the CIs (§4.5.2.2): a CI has one, or several that are parts of its list.
import type { Certificate } from '../../rsp/certificate.ts';
import { parseCrl, verifyCrl } from '../../rsp/crl.ts';
import type { VerifiedCrl } from '../../rsp/crl.ts';
import type { CrlScope } from '../../rsp/crl-extensions.ts';
import { DerError } from '../../rsp/der-error.ts';
import { formatName } from '../../rsp/distinguished-name.ts';
import { VerifyError } from '../../rsp/verify-error.ts';
import type { PkiCrlRow } from '../../store/schema.ts';
import { PkiError } from './pki-certificate.ts';
import type { StoredCertificate } from './pki-certificate.ts';

export interface LoadedCrls {
  crls: VerifiedCrl[];
  /** Why others are not used. */
  crlProblems: string[];
}

/** One that cannot be used was taken by an older version, which knew less of CRLs: it does not stop the server. */
export function loadCrls(
  rows: readonly PkiCrlRow[],
  loaded: readonly StoredCertificate[],
): LoadedCrls {
  const crls: VerifiedCrl[] = [];
  const crlProblems: string[] = [];
  for (const row of rows) {
    const ci = loaded.find(({ role, ciPKIdHex }) => role === 'ci' && ciPKIdHex === row.ci_pk_id);
    if (ci === undefined) throw new PkiError(`The CI ${row.ci_pk_id} of a CRL is not here`);
    try {
      crls.push(verifyStoredCrl(Uint8Array.fromBase64(row.crl), ci.certificate));
    } catch (error) {
      if (!(error instanceof PkiError)) throw error;
      crlProblems.push(error.message);
    }
  }
  return { crls, crlProblems };
}

/** A CRL of this CI, current or not. Throws `PkiError`. */
export function verifyStoredCrl(der: Uint8Array, ci: Certificate): VerifiedCrl {
  try {
    const crl = parseCrl(der);
    return verifyCrl(crl, ci, crl.thisUpdate);
  } catch (cause) {
    if (!(cause instanceof VerifyError || cause instanceof DerError)) throw cause;
    throw new PkiError(`The CRL of ${formatName(ci.subject)} cannot be used: ${cause.message}`, {
      cause,
    });
  }
}

/** SubjectKeyIdentifier of the CI, upper-case hex. */
export function ciOfCrl({ ciPKId }: VerifiedCrl): string {
  return Buffer.from(ciPKId).toString('hex').toUpperCase();
}

/** What a CRL tells of. */
export function describeScope(scope: CrlScope): string {
  if (scope === '') return 'all';
  if (scope === 'user') return 'servers and eUICCs alone';
  if (scope === 'ca') return 'CAs alone';
  return `part ${scope.replace('/', ' of ')}`;
}

/** All the scopes that make a whole list together with this one. */
function wholeOf(scope: CrlScope): CrlScope[] {
  if (scope === '') return [''];
  if (scope === 'user' || scope === 'ca') return ['user', 'ca'];
  const total = Number(scope.split('/')[1]);
  return Array.from({ length: total }, (_, index) => `${index + 1}/${total}` as const);
}

/** Of a list in parts those that are not there, for a warning. @param crls of one CI */
export function missingScopes(crls: readonly VerifiedCrl[]): CrlScope[] {
  const there = new Set(crls.map(({ scope }) => scope));
  const wanted = new Set(crls.flatMap(({ scope }) => wholeOf(scope)));
  return [...wanted.difference(there)];
}

/**
 * The scopes of CRLs that a newer list, in whatever parts, has taken the place of as a whole.
 * @param crls of one CI
 */
export function replacedScopes(crls: readonly VerifiedCrl[]): CrlScope[] {
  return crls.flatMap(({ scope, thisUpdate }) => {
    const isReplaced = crls.some((other) => {
      const whole = wholeOf(other.scope);
      if (whole.includes(scope)) return false;
      const parts = crls.filter((one) => whole.includes(one.scope));
      // Of one date the list in one piece counts.
      const isNewer = (date: Date) =>
        date > thisUpdate || (other.scope === '' && date.getTime() === thisUpdate.getTime());
      return parts.length === whole.length && parts.every((one) => isNewer(one.thisUpdate));
    });
    return isReplaced ? [scope] : [];
  });
}
