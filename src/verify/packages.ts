import type { Kysely } from 'kysely';
import { LOGGED_COLUMNS } from '../store/rsp-sessions.ts';
import type { EsimProfileRow, RspSessionRow, SubscriptionRow, Tables } from '../store/schema.ts';
import { oneByOne, violation } from './invariant.ts';
import type { Invariant, Violation } from './invariant.ts';
import { findLoggedCalls, readable } from './logged-calls.ts';
import { findRelated, valuesOf } from './related.ts';
import { walk } from './slices.ts';

type Order = Pick<EsimProfileRow, 'account_sid' | 'sid' | 'status' | 'eid'>;

const SESSION_COLUMNS = [
  ...LOGGED_COLUMNS,
  'iccid',
  'eid',
  'smdp_sign',
  'date_created',
] as const satisfies (keyof RspSessionRow)[];
type Session = Pick<RspSessionRow, (typeof SESSION_COLUMNS)[number]>;

export const packages: Invariant = {
  name: 'packages',
  promise:
    'No profile package goes to two eUICCs: an order, its profile, its sessions and its RSP log all name the same EID.',
  tables: ['esim_profiles', 'rsp_sessions'],
  check: (evidence) =>
    oneByOne(
      walk(evidence, 'esim_profiles', judgeOrders, { columns: ['status', 'eid'] }),
      walk(evidence, 'rsp_sessions', judgeSessions, {
        columns: SESSION_COLUMNS,
      }),
    ),
};

async function judgeOrders(rows: Order[], db: Kysely<Tables>): Promise<Violation[]> {
  const asked = valuesOf(rows, ({ sid }) => sid);
  const profiles = await findRelated(db, 'subscriptions', 'ordered_by', asked, ['eid']);
  const log = await findLoggedCalls(db, asked);
  return rows.flatMap((row) => {
    const profile = profiles.one(row, row.sid);
    if (profile !== undefined && !isSame(profile.eid, row.eid)) {
      const [ours, theirs] = [row.eid ?? 'none', profile.eid ?? 'none'];
      return [
        violation(row, row.sid, `its EID is ${ours}, that of its profile at the SM-DP+ ${theirs}`),
      ];
    }
    const bound = log
      .all(row, row.sid)
      .filter((entry) => entry.function === 'getBoundProfilePackage' && isSuccess(entry.status))
      .map(({ eid }) => eid)
      .filter((eid) => !isSame(eid, row.eid));
    return [...new Set(bound)].map((eid) =>
      violation(
        row,
        row.sid,
        `its EID is ${row.eid ?? 'none'}; its package was also given to ${eid}`,
      ),
    );
  });
}

async function judgeSessions(rows: Session[], db: Kysely<Tables>): Promise<Violation[]> {
  const bound = rows.filter(({ smdp_sign }) => smdp_sign !== null);
  const profiles = await findRelated(
    db,
    'subscriptions',
    'iccid',
    valuesOf(bound, ({ iccid }) => iccid),
    ['eid', 'ordered_by', 'date_released'],
  );
  const packaged = bound.flatMap((row) => {
    const profile = profiles.one(row, row.iccid);
    const session = nameOf(row);
    if (profile === undefined) {
      return [violation(row, session, `it bound ICCID ${row.iccid}, which is no subscription`)];
    }
    const isOfThisOrder =
      row.ordered_by === null
        ? isSince(row.date_created, profile)
        : row.ordered_by === profile.ordered_by;
    if (!isOfThisOrder || isSame(row.eid, profile.eid)) return [];
    const problem = `it bound ICCID ${row.iccid} to EID ${row.eid}, but the profile is for ${profile.eid ?? 'none'}`;
    return [violation(row, session, problem)];
  });
  return [...packaged, ...rows.flatMap(judgeLog)];
}

function judgeLog(row: Session): Violation[] {
  const calls = readable(row);
  if (calls === undefined) return [violation(row, nameOf(row), 'its log cannot be read')];
  const others = calls.flatMap(({ eid }) => (eid === null || isSame(eid, row.eid) ? [] : [eid]));
  return [...new Set(others)].map((eid) =>
    violation(row, nameOf(row), `its EID is ${row.eid ?? 'none'}; its log has one of ${eid}`),
  );
}

const nameOf = ({ transaction_id }: Session) => `session ${transaction_id}`;

/** Whether something happened under the order that a profile is under now. */
export function isSince(
  date: string,
  { ordered_by, date_released }: Pick<SubscriptionRow, 'ordered_by' | 'date_released'>,
): boolean {
  if (ordered_by === null || date_released === null) return false;
  return Date.parse(date) >= Date.parse(date_released);
}

/** EIDs are kept as they were typed. */
export function isSame(one: string | null, other: string | null): boolean {
  return one?.toUpperCase() === other?.toUpperCase();
}

export const isSuccess = (status: string) => status === 'Executed-Success';
