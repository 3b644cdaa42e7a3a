import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { DONE_ON_DEVICE, INSTALLED } from '../operator/handleDownloadProgressInfo.ts';
import { DELIVERED, POINTS } from '../smdp/download/notification.ts';
import type { EsimProfileRow, RspNotificationRow, Tables } from '../store/schema.ts';
import { oneByOne, violation } from './invariant.ts';
import type { Invariant, Violation } from './invariant.ts';
import { isSame, isSince } from './packages.ts';
import { findRelated, Related, valuesOf } from './related.ts';
import { walk } from './slices.ts';

type Order = Pick<EsimProfileRow, 'account_sid' | 'sid' | 'iccid' | 'eid' | 'status'>;
type Notification = Pick<
  RspNotificationRow,
  'account_sid' | 'eid' | 'iccid' | 'event' | 'sequence_number' | 'date_created'
>;

export const notifications: Invariant = {
  name: 'notifications',
  promise:
    'Every accepted notification is in the history of its order exactly once, and nothing is installed without one.',
  tables: ['esim_profiles', 'rsp_notifications'],
  check: (evidence) =>
    oneByOne(
      walk(evidence, 'esim_profiles', judgeOrders, { columns: ['iccid', 'eid', 'status'] }),
      walk(evidence, 'rsp_notifications', judgeNotifications, {
        columns: ['account_sid', 'iccid', 'event', 'sequence_number', 'date_created'],
      }),
    ),
};

/** An installation may be told several times, and changes the status once: only what follows it is counted. */
const TOLD = Object.keys(POINTS).filter((event) => POINTS[event] !== 'bppInstallation');
const IN_HISTORY = new Set(Object.values(DONE_ON_DEVICE).filter((cause) => cause !== INSTALLED));

async function judgeOrders(rows: Order[], db: Kysely<Tables>): Promise<Violation[]> {
  const delivered = rows.filter(({ eid, iccid }) => eid !== null && iccid !== null);
  const accepted = await findAccepted(db, delivered);
  const told = delivered.filter((row) => accepted.one(row, row.iccid) !== undefined);
  const alike = await findRelated(
    db,
    'esim_profiles',
    'iccid',
    valuesOf(told, ({ iccid }) => iccid),
    ['sid', 'account_sid', 'eid'],
  );
  const orders = told.flatMap((row) => alike.all(row, row.iccid));
  const events = await findRelated(
    db,
    'esim_profile_events',
    'esim_profile_sid',
    valuesOf(orders, ({ sid }) => sid),
    ['type', 'cause'],
  );
  return delivered.flatMap((row) => {
    const known = accepted.all(row, row.iccid).filter(({ eid }) => isSame(eid, row.eid));
    const found: Violation[] = [];
    if (row.status === 'installed' && !known.some(({ event }) => provesInstallation(event))) {
      found.push(violation(row, row.sid, 'it is installed, but no device has notified that'));
    }
    const count = known.filter(({ event }) => TOLD.includes(event)).length;
    const inHistory = alike
      .all(row, row.iccid)
      .filter(({ eid }) => isSame(eid, row.eid))
      .flatMap(({ sid }) => events.all(row, sid))
      .filter(({ type, cause }) => type === 'notification' && IN_HISTORY.has(cause)).length;
    if (count !== inHistory && known.length > 0) {
      const problem = `its device notified ${count} times that it was enabled, disabled or deleted; its history has ${inHistory}`;
      found.push(violation(row, row.sid, problem));
    }
    return found;
  });
}

/** §3.1.3.3: an enabled profile must have been installed. */
const provesInstallation = (event: string) =>
  ['install', 'notificationInstall', 'notificationEnable'].includes(event);

type Accepted = Pick<RspNotificationRow, 'eid' | 'event'>;

/** The notifications accepted of each profile, by account and ICCID. */
async function findAccepted(
  db: Kysely<Tables>,
  orders: readonly Order[],
): Promise<Related<Accepted>> {
  const accepted = new Related<Accepted>();
  const eids = [...new Set(orders.flatMap(({ eid }) => (eid === null ? [] : eid.toUpperCase())))];
  if (eids.length === 0) return accepted;
  const { rows } = await sql<Accepted & Pick<RspNotificationRow, 'account_sid' | 'iccid'>>`
    select account_sid, iccid, eid, event from rsp_notifications
    where eid in (${sql.join(eids)})`.execute(db);
  for (const row of rows) accepted.add(row.account_sid, row.iccid, row);
  return accepted;
}

async function judgeNotifications(rows: Notification[], db: Kysely<Tables>): Promise<Violation[]> {
  const profiles = await findRelated(
    db,
    'subscriptions',
    'iccid',
    valuesOf(rows, ({ iccid }) => iccid),
    ['state', 'eid', 'ordered_by', 'date_released'],
  );
  return rows.flatMap((row) => {
    const name = `notification ${row.sequence_number} of EID ${row.eid}`;
    const profile = profiles.one(row, row.iccid);
    if (profile === undefined) {
      return [violation(row, name, `it is about ICCID ${row.iccid}, which is no subscription`)];
    }
    // In the second in which this order was released, it may have been the deletion that ended the one before.
    const floor = row.date_created.replace(/\.\d+Z$/, 'Z');
    if (!isSince(row.date_created, profile) || floor === profile.date_released) return [];
    if (!DELIVERED.includes(profile.state)) {
      return [violation(row, name, `it is about ICCID ${row.iccid}, which is ${profile.state}`)];
    }
    if (isSame(profile.eid, row.eid)) return [];
    const other = profile.eid ?? 'none';
    return [violation(row, name, `it is about ICCID ${row.iccid}, which is for EID ${other}`)];
  });
}
