import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { isAnnounced } from '../smdp/smds/announcement.ts';
import { parseSmdsAddresses } from '../smdp/smds/smds-address.ts';
import type { SmdsEventRow, SubscriptionRow, Tables } from '../store/schema.ts';
import { oneByOne, violation } from './invariant.ts';
import type { Invariant, Violation } from './invariant.ts';
import { findRelated, valuesOf } from './related.ts';
import { walk } from './slices.ts';

export const announcements: Invariant = {
  name: 'announcements',
  promise:
    'Every order that waits for its EID is to be at each SM-DS where it is announced, and none that has ended; whatever an SM-DS is to have, and has not, will be settled.',
  tables: ['smds_events'],
  check: (evidence) =>
    oneByOne(
      walk(evidence, 'subscriptions', judgeProfiles, {
        columns: ['smds', 'state', 'eid', 'order_number'],
        where: sql<boolean>`smds is not null and state in ('Released', 'Downloaded')`,
      }),
      walk(evidence, 'smds_events', judgeEvents),
    ),
};

type Profile = Pick<
  SubscriptionRow,
  'account_sid' | 'iccid' | 'smds' | 'state' | 'eid' | 'order_number'
>;

async function judgeProfiles(rows: Profile[], db: Kysely<Tables>): Promise<Violation[]> {
  const announced = rows.filter(isAnnounced);
  const asked = valuesOf(announced, ({ iccid }) => iccid);
  const columns = ['address', 'eid', 'order_number', 'wanted'] as const;
  const events = await findRelated(db, 'smds_events', 'iccid', asked, columns);
  return announced.flatMap((row) =>
    parseSmdsAddresses(row.smds ?? '').flatMap(({ address }) => {
      const isWanted = events
        .all(row, row.iccid)
        .some(
          (event) =>
            event.address === address &&
            event.wanted === 1 &&
            event.order_number === row.order_number &&
            event.eid === row.eid?.toUpperCase(),
        );
      if (isWanted) return [];
      const problem = `it waits for EID ${row.eid}, but has no event at the SM-DS ${address}`;
      return [violation(row, row.iccid, problem)];
    }),
  );
}

async function judgeEvents(rows: SmdsEventRow[], db: Kysely<Tables>): Promise<Violation[]> {
  const asked = valuesOf(rows, ({ iccid }) => iccid);
  const columns = ['smds', 'state', 'eid', 'order_number'] as const;
  const profiles = await findRelated(db, 'subscriptions', 'iccid', asked, columns);
  return rows.flatMap((row) => {
    const { event_id, address, iccid, wanted, state, error, next_attempt_at: next } = row;
    const name = `event ${event_id} at ${address}`;
    const found: Violation[] = [];
    const profile = profiles.one(row, iccid);
    const isOfOrder = profile !== undefined && profile.order_number === row.order_number;
    if (wanted === 1 && !(isOfOrder && isAnnounced(profile))) {
      found.push(violation(row, name, `its order of ICCID ${iccid} does not wait for a device`));
    }
    const isSettled = state === (wanted === 1 ? 'registered' : 'absent');
    const isGivenUp = wanted === 0 && error !== null;
    if (next === null && !isSettled && !isGivenUp) {
      const wish = wanted === 1 ? 'registered' : 'deleted';
      found.push(violation(row, name, `it is to be ${wish}, but nobody will do that`));
    }
    return found;
  });
}
