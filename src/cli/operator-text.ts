// Operators as shown to people and to scripts.
import type { OperatorCertificateRow, OperatorRow } from '../store/schema.ts';
import { X509Certificate } from 'node:crypto';
import { subjectOf } from '../smdp/operators/operator-file.ts';
import type { CommandData } from './data.ts';

export interface OperatorCertificateRecord {
  fingerprint: string;
  subject: string;
  issuer: string;
  valid_from: string;
  valid_until: string;
  date_created: string;
  date_ends: string | null;
}

export type OperatorRecord = OperatorRow & { certificates: OperatorCertificateRecord[] };

export function certificateRecord(row: OperatorCertificateRow): OperatorCertificateRecord {
  const x509 = new X509Certificate(Buffer.from(row.certificate, 'base64'));
  return {
    fingerprint: row.fingerprint,
    subject: subjectOf(x509),
    issuer: x509.issuer.replaceAll('\n', ', '),
    valid_from: x509.validFromDate.toISOString(),
    valid_until: x509.validToDate.toISOString(),
    date_created: row.date_created,
    date_ends: row.date_ends,
  };
}

/** Oldest first, each with its certificates. */
export async function operatorRecords({
  store: { operators },
}: Pick<CommandData, 'store'>): Promise<OperatorRecord[]> {
  const [rows, certificates] = [await operators.list(), await operators.listCertificates()];
  return rows.map((row) => ({
    ...row,
    certificates: certificates
      .filter(({ operator_sid: owner }) => owner === row.sid)
      .map(certificateRecord),
  }));
}

/** Until when an operator can call. */
export function validUntil({ certificates }: OperatorRecord, now: Date): string {
  const ends = certificates.map(endOf).filter((end) => end > now.toISOString());
  return ends.toSorted().at(-1)?.slice(0, 10) ?? 'no certificate';
}

const endOf = ({ valid_until: until, date_ends: ends }: OperatorCertificateRecord) =>
  ends !== null && ends < until ? ends : until;

/** @param refused why it is not accepted, if it is not */
export function certificateLine(
  { fingerprint, subject, date_ends: ends, valid_until: until }: OperatorCertificateRecord,
  refused: string | undefined,
): string {
  const accepted = ends === null ? `until ${until.slice(0, 10)}` : `replaced, until ${ends}`;
  const state = refused === undefined ? accepted : `refused: ${refused}`;
  return `  ${fingerprint}\n    ${subject}, ${state}\n`;
}
