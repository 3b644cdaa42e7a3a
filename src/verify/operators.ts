import { createHash } from 'node:crypto';
import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import type { OperatorCertificateRow, SubscriptionRow, Tables } from '../store/schema.ts';
import { oneByOne, violation } from './invariant.ts';
import type { Invariant, Violation } from './invariant.ts';
import { walk } from './slices.ts';

export const operators: Invariant = {
  name: 'operators',
  promise:
    'Every order over ES2+ is that of an operator of the account, by name; every certificate is that of an operator, and is what its fingerprint says.',
  tables: [],
  check: (evidence) =>
    oneByOne(
      walk(evidence, 'operator_certificates', judgeCertificates),
      walk(evidence, 'subscriptions', judgeOrders, {
        columns: ['ordered_by', 'operator_sid'],
        where: sql<boolean>`operator_sid is not null`,
      }),
    ),
};

/** There are few. */
async function accountsOf(db: Kysely<Tables>): Promise<Map<string, string>> {
  const rows = await db.selectFrom('operators').select(['sid', 'account_sid']).execute();
  return new Map(rows.map(({ sid, account_sid }) => [sid, account_sid]));
}

async function judgeCertificates(
  rows: OperatorCertificateRow[],
  db: Kysely<Tables>,
): Promise<Violation[]> {
  const accounts = await accountsOf(db);
  return rows.flatMap(({ fingerprint, operator_sid: operator, certificate }) => {
    const der = Buffer.from(certificate, 'base64');
    const digest = createHash('sha256').update(der).digest('hex').toUpperCase();
    const account = accounts.get(operator);
    const problems = [
      ...(account === undefined ? [`its operator ${operator} does not exist`] : []),
      ...(digest === fingerprint ? [] : [`its fingerprint is ${digest}`]),
    ];
    return problems.map((problem) =>
      violation({ account_sid: account ?? null }, `certificate ${fingerprint}`, problem),
    );
  });
}

type Order = Pick<SubscriptionRow, 'account_sid' | 'iccid' | 'ordered_by' | 'operator_sid'>;

async function judgeOrders(rows: Order[], db: Kysely<Tables>): Promise<Violation[]> {
  const accounts = await accountsOf(db);
  return rows.flatMap((row) => {
    const { iccid, ordered_by: identifier, operator_sid: operator } = row;
    const isOfAccount = accounts.get(operator!) === row.account_sid;
    const problems = [
      ...(isOfAccount ? [] : [`its operator ${operator} is none of the account`]),
      ...(identifier?.startsWith(`${operator}/`) ? [] : [`its order is ${identifier}`]),
    ];
    return problems.map((problem) => violation(row, iccid, problem));
  });
}
