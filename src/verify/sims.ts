import type { Kysely } from 'kysely';
import type { EsimProfileRow, SimRow, Tables } from '../store/schema.ts';
import { oneByOne, violation } from './invariant.ts';
import type { Evidence, Invariant, Violation } from './invariant.ts';
import { findRelated, valuesOf } from './related.ts';
import { walk } from './slices.ts';

type Order = Pick<EsimProfileRow, 'account_sid' | 'sid' | 'iccid' | 'sim_sid'>;
type Sim = Pick<SimRow, 'account_sid' | 'sid' | 'iccid' | 'status' | 'scheduled_status'>;

export const sims: Invariant = {
  name: 'sims',
  promise:
    'Every order with an ICCID has the Sim with that ICCID, and every Sim has a subscription and an order.',
  tables: ['esim_profiles', 'sims'],
  check: (evidence) =>
    oneByOne(
      walk(evidence, 'esim_profiles', judgeOrders, { columns: ['iccid', 'sim_sid'] }),
      walk(evidence, 'sims', (rows, db) => judgeSims(rows, db, evidence), {
        columns: ['iccid', 'status', 'scheduled_status'],
      }),
    ),
};

async function judgeOrders(rows: Order[], db: Kysely<Tables>): Promise<Violation[]> {
  const asked = valuesOf(rows, (row) => row.sim_sid);
  const known = await findRelated(db, 'sims', 'sid', asked, ['iccid']);
  return rows.flatMap((row) => {
    const sim = known.one(row, row.sim_sid);
    // An order without one of the two is not what its status says.
    if (row.sim_sid === null || row.iccid === null || sim?.iccid === row.iccid) return [];
    const found = sim === undefined ? 'which does not exist' : `which has ICCID ${sim.iccid}`;
    return [
      violation(row, row.sid, `it has ICCID ${row.iccid} and the Sim ${row.sim_sid}, ${found}`),
    ];
  });
}

async function judgeSims(
  rows: Sim[],
  db: Kysely<Tables>,
  { isRented }: Pick<Evidence, 'isRented'>,
): Promise<Violation[]> {
  const orders = await findRelated(
    db,
    'esim_profiles',
    'sim_sid',
    valuesOf(rows, ({ sid }) => sid),
    ['sid'],
  );
  const profiles = await findRelated(
    db,
    'subscriptions',
    'iccid',
    valuesOf(rows, ({ iccid }) => iccid),
    ['iccid'],
  );
  return rows.flatMap((row) => {
    const problems: string[] = [];
    if (!isRented && profiles.one(row, row.iccid) === undefined) {
      problems.push(`its ICCID ${row.iccid} is that of no subscription`);
    }
    if (orders.one(row, row.sid) === undefined) problems.push('no order has it');
    if ((row.status === 'scheduled') !== (row.scheduled_status !== null)) {
      problems.push(`it is ${row.status}, but scheduled for ${row.scheduled_status ?? 'nothing'}`);
    }
    return problems.map((problem) => violation(row, row.sid, problem));
  });
}
