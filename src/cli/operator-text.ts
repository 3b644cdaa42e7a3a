// Operators as shown to people and to scripts.
import type { OperatorCertificateRow, OperatorRow } from '../store/schema.ts';
import { X509Certificate } from 'node:crypto';
import { subjectOf } from '../smdp/operators/operator-file.ts';
import { readRegister, refusalOf } from '../smdp/operators/operator-trust.ts';
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

export interface JudgedCertificateRecord extends OperatorCertificateRecord {
  /** Why it is not accepted now; null if it is. */
  refused: string | null;
}

export type OperatorRecord = OperatorRow & { certificates: JudgedCertificateRecord[] };

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
  store,
  now,
  config,
}: Pick<CommandData, 'store' | 'now' | 'config'>): Promise<OperatorRecord[]> {
  const register = await readRegister({ store });
  const [rows, certificates] = [
    await store.operators.list(),
    await store.operators.listCertificates(),
  ];
  return rows.map((row) => ({
    ...row,
    certificates: certificates
      .filter(({ operator_sid: owner }) => owner === row.sid)
      .map((certificate) => ({
        ...certificateRecord(certificate),
        refused: refusalOf(register.certificates.get(certificate.fingerprint), now, config),
      })),
  }));
}

/** Until when an operator can call. */
export function validUntil({ certificates }: OperatorRecord, now: Date): string {
  const accepted = certificates.filter(({ refused }) => refused === null);
  const ends = accepted.map(endOf).filter((end) => end > now.toISOString());
  return ends.toSorted().at(-1)?.slice(0, 10) ?? 'no certificate';
}

const endOf = ({ valid_until: until, date_ends: ends }: OperatorCertificateRecord) =>
  ends !== null && ends < until ? ends : until;

export function certificateLine({
  fingerprint,
  subject,
  date_ends: ends,
  valid_until: until,
  refused,
}: JudgedCertificateRecord): string {
  const accepted = ends === null ? `until ${until.slice(0, 10)}` : `replaced, until ${ends}`;
  const state = refused === null ? accepted : `refused: ${refused}`;
  return `  ${fingerprint}\n    ${subject}, ${state}\n`;
}
