import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import type {
  EimInjectionRow,
  EimNotificationRow,
  EimOperationRow,
  EimPackageRow,
  EuiccContactRow,
  EuiccRow,
  Tables,
} from '../store/schema.ts';
import { oneByOne, violation } from './invariant.ts';
import type { Invariant, Violation } from './invariant.ts';
import { walk } from './slices.ts';

export const eim: Invariant = {
  name: 'eim',
  promise:
    'Every operation is one on an eUICC of its account, which trusts a key that we have; an eUICC has at most one open package, that of an operation that was sent; no package has a counter above that of its eUICC; an operation that has ended keeps no confirmation code; a notification that is kept is one of an eUICC of its account, something waits for the IPA of one alone that listens, and an unknown eUICC is only heard in a range of EIDs.',
  tables: [
    'euiccs',
    'eim_operations',
    'eim_packages',
    'eim_notifications',
    'eim_injections',
    'euicc_contacts',
  ],
  check: (evidence) =>
    oneByOne(
      walk(evidence, 'euiccs', judgeEuiccs, { columns: ['account_sid', 'sid', 'eim_key'] }),
      walk(evidence, 'eim_operations', judgeOperations, {
        columns: ['account_sid', 'euicc_sid', 'status', 'confirmation_code', 'date_ended'],
      }),
      walk(evidence, 'eim_packages', judgePackages, {
        columns: ['account_sid', 'operation_sid', 'counter', 'state', 'date_ended'],
      }),
      walk(evidence, 'eim_notifications', judgeNotifications, { columns: ['account_sid'] }),
      walk(evidence, 'eim_injections', judgeInjections, {
        columns: ['account_sid', 'date_created'],
      }),
      walk(evidence, 'euicc_contacts', judgeContacts, { columns: ['account_sid', 'eid_prefix'] }),
    ),
};

type Euicc = Pick<EuiccRow, 'eid' | 'account_sid' | 'sid' | 'eim_key'>;

async function judgeEuiccs(rows: Euicc[], db: Kysely<Tables>): Promise<Violation[]> {
  const keys = await db
    .selectFrom('eim_keys')
    .select('number')
    .where('role', '=', 'package')
    .execute();
  const numbers = new Set(keys.map(({ number }) => number));
  return rows.flatMap((row) =>
    numbers.has(row.eim_key)
      ? []
      : [violation(row, row.sid, `it trusts key ${row.eim_key} of the eIM, which does not exist`)],
  );
}

type Operation = Pick<
  EimOperationRow,
  'eid' | 'sid' | 'account_sid' | 'euicc_sid' | 'status' | 'confirmation_code' | 'date_ended'
>;

async function judgeOperations(rows: Operation[], db: Kysely<Tables>): Promise<Violation[]> {
  const euiccs = await euiccsOf(rows, db);
  return rows.flatMap((row) => {
    const euicc = euiccs.get(row.eid);
    const isUnderWay = row.status === 'queued' || row.status === 'sent';
    const problems = [
      ...(euicc?.account_sid === row.account_sid && euicc.sid === row.euicc_sid
        ? []
        : [`its eUICC ${row.eid} is none of the account`]),
      ...(isUnderWay === (row.date_ended === null)
        ? []
        : [`it is ${row.status}, and ended at ${row.date_ended}`]),
      ...(row.date_ended !== null && row.confirmation_code !== null
        ? ['it has ended, and keeps a confirmation code']
        : []),
    ];
    return problems.map((problem) => violation(row, row.sid, problem));
  });
}

type Package = Pick<
  EimPackageRow,
  'eid' | 'number' | 'account_sid' | 'operation_sid' | 'counter' | 'state' | 'date_ended'
>;

async function judgePackages(rows: Package[], db: Kysely<Tables>): Promise<Violation[]> {
  const euiccs = await euiccsOf(rows, db);
  const opened = rows.filter(({ state }) => state === 'open');
  const others = await openOf(opened, db);
  const sent = await sentOf(opened, db);
  return rows.flatMap((row) => {
    const name = `package ${row.number} of ${row.eid}`;
    const euicc = euiccs.get(row.eid);
    const isOpen = row.state === 'open';
    const problems = [
      ...(row.counter === null || (euicc !== undefined && row.counter <= euicc.counter)
        ? []
        : [`its counter is ${row.counter}, that of its eUICC ${euicc?.counter ?? 'unknown'}`]),
      ...(isOpen === (row.date_ended === null)
        ? []
        : [`it is ${row.state}, and ended at ${row.date_ended}`]),
      ...(isOpen && (others.get(row.eid) ?? 0) > 1 ? ['its eUICC has another open package'] : []),
      ...(isOpen && !sent.has(`${row.eid} ${row.operation_sid}`)
        ? [`it is open, but its operation ${row.operation_sid} was not sent`]
        : []),
    ];
    return problems.map((problem) => violation(row, name, problem));
  });
}

type Notification = Pick<EimNotificationRow, 'eid' | 'seq_number' | 'account_sid'>;

async function judgeNotifications(rows: Notification[], db: Kysely<Tables>): Promise<Violation[]> {
  const euiccs = await euiccsOf(rows, db);
  return rows.flatMap((row) => {
    if (euiccs.get(row.eid)?.account_sid === row.account_sid) return [];
    const name = `notification ${row.seq_number} of ${row.eid}`;
    return [violation(row, name, 'its eUICC is none of the account')];
  });
}

type Injection = Pick<EimInjectionRow, 'eid' | 'account_sid' | 'date_created'>;

/** That of an eUICC that a server of before has removed, which knows no such row, goes when it is due. */
async function judgeInjections(rows: Injection[], db: Kysely<Tables>): Promise<Violation[]> {
  const euiccs = await euiccsOf(rows, db);
  return rows.flatMap((row) => {
    const euicc = euiccs.get(row.eid);
    if (euicc === undefined || row.date_created < euicc.date_created) return [];
    if (euicc.account_sid === row.account_sid && euicc.ipa_url !== null) return [];
    const problem = 'its eUICC is none of the account, or has no IPA that listens';
    return [violation(row, `injection for ${row.eid}`, problem)];
  });
}

type Contact = Pick<EuiccContactRow, 'eid' | 'account_sid' | 'eid_prefix'>;

async function judgeContacts(rows: Contact[], db: Kysely<Tables>): Promise<Violation[]> {
  if (rows.length === 0) return [];
  const prefixes = [...new Set(rows.map(({ eid_prefix: prefix }) => prefix))];
  const ranges = await db
    .selectFrom('euicc_ranges')
    .select(['eid_prefix', 'account_sid'])
    .where('eid_prefix', 'in', prefixes)
    .execute();
  const owners = new Map(ranges.map((range) => [range.eid_prefix, range.account_sid]));
  return rows.flatMap((row) => {
    const { eid, eid_prefix: prefix } = row;
    if (eid.startsWith(prefix) && owners.get(prefix) === row.account_sid) return [];
    return [violation(row, `contact of ${eid}`, `${prefix} is no range of the account with it`)];
  });
}

const eidsOf = (rows: readonly { eid: string }[]) => [...new Set(rows.map(({ eid }) => eid))];

async function euiccsOf(rows: readonly { eid: string }[], db: Kysely<Tables>) {
  const eids = eidsOf(rows);
  if (eids.length === 0)
    return new Map<
      string,
      Pick<EuiccRow, 'account_sid' | 'sid' | 'counter' | 'ipa_url' | 'date_created'>
    >();
  const found = await db
    .selectFrom('euiccs')
    .select(['eid', 'account_sid', 'sid', 'counter', 'ipa_url', 'date_created'])
    .where('eid', 'in', eids)
    .execute();
  return new Map(found.map((row) => [row.eid, row]));
}

async function openOf(rows: readonly { eid: string }[], db: Kysely<Tables>) {
  if (rows.length === 0) return new Map<string, number>();
  const { rows: found } = await sql<{ eid: string; count: number }>`
    select eid, count(*) as count from eim_packages where state = 'open'
      and eid in (${sql.join(eidsOf(rows))}) group by eid`.execute(db);
  return new Map(found.map(({ eid, count }) => [eid, count]));
}

async function sentOf(rows: readonly { eid: string }[], db: Kysely<Tables>): Promise<Set<string>> {
  if (rows.length === 0) return new Set();
  const found = await db
    .selectFrom('eim_operations')
    .select(['eid', 'sid'])
    .where('eid', 'in', eidsOf(rows))
    .where('status', '=', 'sent')
    .execute();
  return new Set(found.map(({ eid, sid }) => `${eid} ${sid}`));
}
