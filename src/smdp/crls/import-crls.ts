// CRLs by hand, for networks without a way outside: of CIs and of the CAs of operators.
import { OF_SERVER } from '../../audit/entry.ts';
import { isSignedBy, parseCrl } from '../../rsp/crl.ts';
import type { Crl } from '../../rsp/crl.ts';
import { DerError } from '../../rsp/der-error.ts';
import { formatName, isSameName } from '../../rsp/distinguished-name.ts';
import { parseCertificate } from '../../rsp/certificate.ts';
import { VerifyError } from '../../rsp/verify-error.ts';
import type { Unit } from '../../unit.ts';
import { takeOperatorCrl } from '../operators/take-operator-crl.ts';
import { takeCrl } from '../pki/take-crl.ts';
import type { TakenCrl } from '../pki/take-crl.ts';

/** Throws `PkiError` and `OperatorError` for a CRL of a CA that is not trusted, that cannot be used, or that goes back. */
export async function importCrl(
  der: Uint8Array,
  unit: Pick<Unit, 'tables' | 'now' | 'audit'>,
): Promise<TakenCrl<Crl>> {
  const issuer = await ciOf(der, unit);
  const taken =
    issuer === undefined
      ? await takeOperatorCrl(der, await unit.tables.operators.listCas(), unit)
      : await takeCrl(der, issuer, unit);
  if (taken.isNew) await auditCrl(taken.crl, unit);
  return taken;
}

/** If somebody has brought it, or had it fetched. */
export function auditCrl(
  { issuer, number, thisUpdate }: Crl,
  { audit }: Pick<Unit, 'audit'>,
): Promise<void> {
  const after = { crl: number?.toString() ?? null, this_update: thisUpdate.toISOString() };
  return audit(OF_SERVER, { subject: formatName(issuer), after });
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
