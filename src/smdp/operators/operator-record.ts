// An operator and its certificates, for those who look after them.
import type { Context } from '../../context.ts';
import type { OperatorRow } from '../../store/schema.ts';
import { subjectOf } from './operator-file.ts';
import { readRegister, refusalOf } from './operator-trust.ts';
import type { RegisteredCertificate } from './operator-trust.ts';

/** A certificate by which an operator is known. */
export interface OperatorCertificate {
  fingerprint: string;
  subject: string;
  /** When it ends: by itself, or because it was revoked or replaced before. */
  validUntil: Date;
  /** Why it is not accepted now; null if it is. */
  refused: string | null;
}

export interface OperatorWithCertificates {
  operator: OperatorRow;
  /** Those that have not ended yet, the one that lasts longest first. */
  certificates: OperatorCertificate[];
}

/** Adds the certificates of operators that have not ended. */
export async function withCertificates(
  operators: readonly OperatorRow[],
  { store, now, config }: Pick<Context, 'store' | 'now' | 'config'>,
): Promise<OperatorWithCertificates[]> {
  const { certificates } = await readRegister({ store });
  const bySid = Map.groupBy(certificates.values(), ({ operator: { sid } }) => sid);
  const date = now();
  return operators.map((operator) => ({
    operator,
    certificates: (bySid.get(operator.sid) ?? [])
      .map((registered) => ({
        fingerprint: registered.row.fingerprint,
        subject: subjectOf(registered.certificate),
        validUntil: endOf(registered),
        refused: refusalOf(registered, date, config),
      }))
      .filter(({ validUntil }) => validUntil > date)
      .toSorted((one, other) => other.validUntil.getTime() - one.validUntil.getTime()),
  }));
}

function endOf({ row: { date_ends }, certificate: { validToDate } }: RegisteredCertificate): Date {
  const ends = date_ends === null ? validToDate : new Date(date_ends);
  return ends < validToDate ? ends : validToDate;
}
