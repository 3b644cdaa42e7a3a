// CRLs by hand, for networks without a way outside: of CIs and of the CAs of operators.
import { isSignedBy, parseCrl } from '../../rsp/crl.ts';
import type { Crl } from '../../rsp/crl.ts';
import { DerError } from '../../rsp/der-error.ts';
import { isSameName } from '../../rsp/distinguished-name.ts';
import { parseCertificate } from '../../rsp/certificate.ts';
import { VerifyError } from '../../rsp/verify-error.ts';
import type { Unit } from '../../unit.ts';
import { takeOperatorCrl } from '../operators/take-operator-crl.ts';
import { takeCrl } from '../pki/take-crl.ts';
import type { TakenCrl } from '../pki/take-crl.ts';

/** Throws `PkiError` and `OperatorError` for a CRL of a CA that is not trusted, that cannot be used, or that goes back. */
export async function importCrl(
  der: Uint8Array,
  unit: Pick<Unit, 'tables' | 'now'>,
): Promise<TakenCrl<Crl>> {
  const issuer = await ciOf(der, unit);
  if (issuer !== undefined) return takeCrl(der, issuer, unit);
  return takeOperatorCrl(der, await unit.tables.operators.listCas(), unit);
}

/** CIs may share a name and differ by key. */
async function ciOf(
  der: Uint8Array,
  { tables }: Pick<Unit, 'tables'>,
): Promise<string | undefined> {
  let crl: Crl;
  try {
    crl = parseCrl(der);
  } catch (error) {
    // It may be one of the CA of an operator, with other algorithms.
    if (!(error instanceof DerError || error instanceof VerifyError)) throw error;
    return undefined;
  }
  const named = (await tables.pki.list())
    .filter(({ role }) => role === 'ci')
    .map((row) => ({ row, ci: parseCertificate(Uint8Array.fromBase64(row.certificate)) }))
    .filter(({ ci }) => isSameName(ci.subject, crl.issuer));
  const signer = named.find(({ ci }) => isSignedBy(crl, ci)) ?? named[0];
  return signer?.row.ci_pk_id;
}
