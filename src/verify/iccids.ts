import type { Kysely } from 'kysely';
import type { EsimProfileRow, SubscriptionRow, Tables } from '../store/schema.ts';
import { isSid } from '../values/sid.ts';
import { oneByOne, violation } from './invariant.ts';
import type { Evidence, Invariant, Violation } from './invariant.ts';
import { findRelated, valuesOf } from './related.ts';
import { walk } from './slices.ts';

type Order = Pick<EsimProfileRow, 'account_sid' | 'sid' | 'status' | 'iccid' | 'replaced_by_sid'>;
type Profile = Pick<SubscriptionRow, 'account_sid' | 'iccid' | 'ordered_by'>;

export const iccids: Invariant = {
  name: 'iccids',
  promise:
    'No ICCID is assigned twice: every order that has not failed, or been replaced, has its own, and the profile with it is under that order.',
  tables: ['esim_profiles', 'subscriptions'],
  check: (evidence) =>
    oneByOne(
      walk(evidence, 'esim_profiles', (rows, db) => judgeOrders(rows, db, evidence), {
        columns: ['status', 'iccid', 'replaced_by_sid'],
      }),
      walk(evidence, 'subscriptions', judgeProfiles, { columns: ['ordered_by'] }),
    ),
};

async function judgeOrders(
  rows: Order[],
  db: Kysely<Tables>,
  { isRented }: Pick<Evidence, 'isRented'>,
): Promise<Violation[]> {
  const live = rows.filter((row) => row.iccid !== null && isCurrent(row));
  const asked = valuesOf(live, ({ iccid }) => iccid);
  const orders = await findRelated(db, 'esim_profiles', 'iccid', asked, [
    'sid',
    'status',
    'replaced_by_sid',
  ]);
  const profiles = await findRelated(db, 'subscriptions', 'iccid', asked, ['ordered_by']);
  return live.flatMap((row) => {
    const { sid, iccid } = row;
    const found = orders
      .all(row, iccid)
      .filter((other) => isCurrent(other) && other.sid < sid)
      .map((other) => violation(row, sid, `its ICCID ${iccid} is that of ${other.sid}, too`));
    const profile = profiles.one(row, iccid);
    if (isRented) return found;
    if (profile === undefined) {
      found.push(violation(row, sid, `its ICCID ${iccid} is that of no subscription`));
    } else if (profile.ordered_by !== sid) {
      const other = profile.ordered_by ?? 'none';
      found.push(
        violation(row, sid, `its profile, ICCID ${iccid}, is under another order: ${other}`),
      );
    }
    return found;
  });
}

/** One that was installed, and deleted on its device, may have been replaced with the same ICCID. */
const isCurrent = ({ status, replaced_by_sid }: Pick<Order, 'status' | 'replaced_by_sid'>) =>
  status !== 'failed' && replaced_by_sid === null;

async function judgeProfiles(rows: Profile[], db: Kysely<Tables>): Promise<Violation[]> {
  // Other operators name their orders otherwise.
  const ordered = rows.filter((row) => isSid('esimProfile', row.ordered_by ?? ''));
  const asked = valuesOf(ordered, (row) => row.ordered_by);
  const orders = await findRelated(db, 'esim_profiles', 'sid', asked, ['iccid', 'status']);
  return ordered.flatMap((row) => {
    const order = orders.one(row, row.ordered_by);
    if (order === undefined) {
      return [
        violation(row, row.iccid, `it is under the order ${row.ordered_by}, which does not exist`),
      ];
    }
    if (order.iccid === row.iccid || order.status === 'new' || order.status === 'reserving')
      return [];
    const other = order.iccid === null ? 'no ICCID' : `ICCID ${order.iccid}`;
    return [
      violation(row, row.iccid, `it is under the order ${row.ordered_by}, which has ${other}`),
    ];
  });
}
