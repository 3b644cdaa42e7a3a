// The CRLs of the CIs (§4.5.2.2): a CI has one, or several parts of its list.
import type { Certificate } from '../../rsp/certificate.ts';
import { parseCrl, verifyContents, verifySigner } from '../../rsp/crl.ts';
import type { Crl, VerifiedCrl } from '../../rsp/crl.ts';
import type { CrlScope } from '../../rsp/crl-extensions.ts';
import { DerError } from '../../rsp/der-error.ts';
import { formatName } from '../../rsp/distinguished-name.ts';
import { VerifyError } from '../../rsp/verify-error.ts';
import type { PkiCrlRow } from '../../store/schema.ts';
import { PkiError } from './pki-certificate.ts';
import type { StoredCertificate } from './pki-certificate.ts';

export interface LoadedCrls {
  crls: VerifiedCrl[];
  /** Why other CRLs are not used. */
  crlProblems: string[];
}

/** An unusable one was accepted by an older version with fewer checks; it does not keep the server from starting. */
export function loadCrls(
  rows: readonly PkiCrlRow[],
  loaded: readonly StoredCertificate[],
): LoadedCrls {
  const crls: VerifiedCrl[] = [];
  const crlProblems: string[] = [];
  for (const row of rows) {
    const ci = loaded.find(({ role, ciPKIdHex }) => role === 'ci' && ciPKIdHex === row.ci_pk_id);
    if (ci === undefined) throw new PkiError(`The CI ${row.ci_pk_id} of a CRL is missing`);
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
    let ciPKId: Uint8Array;
    const crl = parseCrl(der, undefined, (signed) => {
      ciPKId = verifySigner(signed, ci);
    });
    return verifyContents(crl, ciPKId!, crl.thisUpdate);
  } catch (cause) {
    if (!(cause instanceof VerifyError || cause instanceof DerError)) throw cause;
    throw new PkiError(`The CRL of ${formatName(ci.subject)} cannot be used: ${cause.message}`, {
      cause,
    });
  }
}

/**
 * Why a CRL does not replace the stored ones of its CI: one that goes back may lack revocations.
 * @returns undefined: it does
 */
export function objectionTo(
  { scope, thisUpdate, number }: Crl,
  stored: readonly Crl[],
): string | undefined {
  for (const other of stored) {
    if (other.scope !== scope && other.scope !== '') continue;
    if (other.thisUpdate > thisUpdate) {
      const dates = `${dateOf(other.thisUpdate)}; got an older one, of ${dateOf(thisUpdate)}`;
      return `expected a CRL not older than the stored one of ${dates}`;
    }
    // RFC 5280 §5.2.3
    if (other.scope !== scope || other.number === undefined || number === undefined) continue;
    if (other.number > number) {
      return `expected a CRL with number ${other.number}, as the stored one, or higher; got ${number}`;
    }
  }
  return undefined;
}

function dateOf(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

/** SubjectKeyIdentifier of the CI, upper-case hex. */
export function ciOfCrl({ ciPKId }: VerifiedCrl): string {
  return Buffer.from(ciPKId).toString('hex').toUpperCase();
}

/** What a CRL covers, in words. */
export function describeScope(scope: CrlScope): string {
  if (scope === '') return 'all';
  if (scope === 'user') return 'servers and eUICCs';
  if (scope === 'ca') return 'CAs';
  return `part ${scope.replace('/', ' of ')}`;
}

/** The scopes that together with this one form a whole list. */
function wholeOf(scope: CrlScope): CrlScope[] {
  if (scope === '') return [''];
  if (scope === 'user' || scope === 'ca') return ['user', 'ca'];
  const total = Number(scope.split('/')[1]);
  return Array.from({ length: total }, (_, index) => `${index + 1}/${total}` as const);
}

/** The missing parts of a list, for a warning. @param crls of one CI */
export function missingScopes(crls: readonly VerifiedCrl[]): CrlScope[] {
  const there = new Set(crls.map(({ scope }) => scope));
  const wanted = new Set(crls.flatMap(({ scope }) => wholeOf(scope)));
  return [...wanted.difference(there)];
}

/**
 * The scopes of CRLs that a newer complete list, in any division, has replaced.
 * @param crls of one CI
 */
export function replacedScopes(crls: readonly VerifiedCrl[]): CrlScope[] {
  return crls.flatMap(({ scope, thisUpdate }) => {
    const isReplaced = crls.some((other) => {
      const whole = wholeOf(other.scope);
      if (whole.includes(scope)) return false;
      const parts = crls.filter((one) => whole.includes(one.scope));
      // Of lists with the same date, the undivided one takes precedence.
      const isNewer = (date: Date) =>
        date > thisUpdate || (other.scope === '' && date.getTime() === thisUpdate.getTime());
      return parts.length === whole.length && parts.every((one) => isNewer(one.thisUpdate));
    });
    return isReplaced ? [scope] : [];
  });
}
