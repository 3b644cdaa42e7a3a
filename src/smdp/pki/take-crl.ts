// Takes a CRL of a CI from outside, such as one that was fetched: verified, and stored unless it goes back.
import { parseCertificate } from '../../rsp/certificate.ts';
import type { VerifiedCrl } from '../../rsp/crl.ts';
import type { Transaction } from '../../store/store.ts';
import type { Unit } from '../../unit.ts';
import { apiDate } from '../../values/date.ts';
import { PkiError } from './pki-certificate.ts';
import { ciOfCrl, objectionTo, replacedScopes, verifyStoredCrl } from './pki-crl.ts';

/** Over a million entries, each with a reason; real ones have a few. */
export const MOST_CRL_BYTES = 64 * 1024 * 1024;
/** The clocks of CAs are not ours. */
const AHEAD_MS = 5 * 60 * 1_000;

export interface TakenCrl<Taken> {
  crl: Taken;
  /** Whether it is another than the stored one. */
  isNew: boolean;
}

/**
 * Throws `PkiError` for a CRL that is not from this CI, cannot be used, or goes back.
 * @param ciPKIdHex SubjectKeyIdentifier of the CI, upper-case hex
 */
export async function takeCrl(
  der: Uint8Array,
  ciPKIdHex: string,
  { tables, now }: Pick<Unit, 'tables' | 'now'>,
): Promise<TakenCrl<VerifiedCrl>> {
  const rows = (await tables.pki.listCrls()).filter((row) => row.ci_pk_id === ciPKIdHex);
  const verify = await verifierOf(ciPKIdHex, tables);
  const crl = verify(der);
  refuseFuture(crl, now);
  const encoded = Buffer.from(der).toString('base64');
  if (rows.some((row) => row.crl === encoded)) return { crl, isNew: false };
  const stored = rows.flatMap((row) => {
    try {
      return verify(Uint8Array.fromBase64(row.crl));
    } catch (error) {
      // An unusable one has nothing to say.
      if (!(error instanceof PkiError)) throw error;
      return [];
    }
  });
  const objection = objectionTo(crl, stored);
  if (objection !== undefined) throw new PkiError(objection);
  const { scope } = crl;
  await tables.pki.setCrl({
    ci_pk_id: ciPKIdHex,
    scope,
    crl: encoded,
    date_created: apiDate(now),
  });
  await deleteReplacedCrls([crl, ...stored.filter((one) => one.scope !== scope)], tables);
  return { crl, isNew: true };
}

/** Throws `PkiError`. A CI may have several certificates with the same key. */
async function verifierOf(
  ciPKIdHex: string,
  { pki }: Pick<Transaction, 'pki'>,
): Promise<(der: Uint8Array) => VerifiedCrl> {
  const cis = (await pki.list())
    .filter(({ role, ci_pk_id: id }) => role === 'ci' && id === ciPKIdHex)
    .map(({ certificate }) => parseCertificate(Uint8Array.fromBase64(certificate)));
  return (der) => {
    let refused = new PkiError(`The CI ${ciPKIdHex} is not trusted here any more`);
    for (const ci of cis) {
      try {
        return verifyStoredCrl(der, ci);
      } catch (error) {
        if (!(error instanceof PkiError)) throw error;
        refused = error;
      }
    }
    throw refused;
  };
}

/** Throws `PkiError` for a CRL that is not valid yet. */
function refuseFuture({ thisUpdate }: { thisUpdate: Date }, now: Date): void {
  if (thisUpdate.getTime() <= now.getTime() + AHEAD_MS) return;
  throw new PkiError(
    `The CRL is not valid before ${thisUpdate.toISOString()}; here it is ${now.toISOString()}`,
  );
}

/** @param crls stored ones */
export async function deleteReplacedCrls(
  crls: readonly VerifiedCrl[],
  { pki }: Pick<Transaction, 'pki'>,
): Promise<void> {
  for (const [ciPKIdHex, ofCi] of Map.groupBy(crls, ciOfCrl)) {
    const replaced = replacedScopes(ofCi);
    if (replaced.length > 0) await pki.deleteCrls(ciPKIdHex, replaced);
  }
}
