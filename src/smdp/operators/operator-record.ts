// An operator and its certificates, for those who look after them.
import { X509Certificate } from 'node:crypto';
import type { Context } from '../../context.ts';
import type { OperatorCertificateRow, OperatorRow } from '../../store/schema.ts';
import { subjectOf } from './operator-file.ts';

/** A certificate by which an operator is known. */
export interface OperatorCertificate {
  fingerprint: string;
  subject: string;
  /** When it ends: by itself, or because it was revoked or replaced before. */
  validUntil: Date;
}

export interface OperatorWithCertificates {
  operator: OperatorRow;
  /** Those that have not ended yet, the one that lasts longest first. */
  certificates: OperatorCertificate[];
}

/** Adds the certificates of operators that have not ended. */
export async function withCertificates(
  operators: readonly OperatorRow[],
  { store, now }: Pick<Context, 'store' | 'now'>,
): Promise<OperatorWithCertificates[]> {
  const rows = Map.groupBy(
    await store.operators.listCertificates(),
    ({ operator_sid: sid }) => sid,
  );
  const date = now();
  return operators.map((operator) => ({
    operator,
    certificates: (rows.get(operator.sid) ?? [])
      .map(read)
      .filter(({ validUntil }) => validUntil > date)
      .toSorted((one, other) => other.validUntil.getTime() - one.validUntil.getTime()),
  }));
}

function read({ fingerprint, certificate, date_ends }: OperatorCertificateRow) {
  const parsed = new X509Certificate(Buffer.from(certificate, 'base64'));
  const own = parsed.validToDate;
  const ends = date_ends === null ? own : new Date(date_ends);
  return { fingerprint, subject: subjectOf(parsed), validUntil: ends < own ? ends : own };
}
