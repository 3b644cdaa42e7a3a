// Takes a CRL of a CA of operators: verified, and stored unless it goes back.
import { X509Certificate } from 'node:crypto';
import type { Crl } from '../../rsp/crl.ts';
import type { OperatorCaRow } from '../../store/schema.ts';
import type { Unit } from '../../unit.ts';
import type { TakenCrl } from '../pki/take-crl.ts';
import { isCrlOf, readOperatorCrl } from './operator-crl.ts';
import { OperatorError } from './operator-error.ts';

/**
 * Throws `OperatorError` for a CRL that none of the CAs has signed, or that goes back.
 * @param cas it is stored for all of them that have signed it: a CA may be renewed with the same key
 */
export async function takeOperatorCrl(
  der: Uint8Array,
  cas: readonly OperatorCaRow[],
  { tables, now }: Pick<Unit, 'tables' | 'now'>,
): Promise<TakenCrl<Crl>> {
  let signers: OperatorCaRow[] = [];
  const crl = readOperatorCrl(Uint8Array.from(der), (signed) => {
    signers = cas.filter(({ certificate }) =>
      isCrlOf(signed, new X509Certificate(Buffer.from(certificate, 'base64'))),
    );
    if (signers.length === 0) {
      throw new OperatorError('the CRL is from none of the CAs that are imported');
    }
  });
  if (crl.thisUpdate > now) throw new OperatorError('the CRL is not valid yet');
  const encoded = Buffer.from(der).toString('base64');
  let isNew = false;
  for (const row of signers) {
    if (row.crl === encoded) continue;
    const last = row.crl === null ? undefined : readOperatorCrl(Uint8Array.fromBase64(row.crl));
    if (last !== undefined) refuseOlder(crl, last);
    await tables.operators.setCrl(row.fingerprint, encoded);
    isNew = true;
  }
  return { crl, isNew };
}

function refuseOlder({ thisUpdate, number }: Crl, last: Crl): void {
  if (last.thisUpdate > thisUpdate) {
    const date = last.thisUpdate.toISOString();
    throw new OperatorError(`the CRL is older than the one of ${date}, which is here already`);
  }
  if (last.number === undefined || number === undefined || last.number <= number) return;
  throw new OperatorError(
    `the CRL has number ${number}, but number ${last.number} is here already`,
  );
}
