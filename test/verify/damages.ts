// Ways to damage a database by hand, each with the invariant that it contradicts.
import { renderEsimProfile } from '../../src/operator/resource.ts';
import { loggedParts } from '../../src/smdp/download/logged-message.ts';
import { decodeSessionLog, encodeSessionLog } from '../../src/smdp/download/session-log.ts';
import type { LoggedSession } from '../../src/store/rsp-sessions.ts';
import type { EsimProfileRow, RspLogRow } from '../../src/store/schema.ts';
import type { Damaged } from './database-copy.ts';
import type { Orders } from './journeys.ts';

/** What the statements name. */
export interface Place {
  account: string;
  orders: Orders & { waiting: string };
  /** ICCIDs of orders. */
  iccids: Orders;
  /** Sims of orders. */
  sims: Orders;
}

type Damage = (database: Damaged, place: Place) => Promise<void>;

export async function placeOf(
  database: Damaged,
  account: string,
  orders: Place['orders'],
): Promise<Place> {
  const rows = await database.all('select sid, iccid, sim_sid from esim_profiles');
  const column = (what: 'iccid' | 'sim_sid') =>
    Object.fromEntries(
      Object.entries(orders).map(([name, sid]) => [
        name,
        rows.find((row) => row.sid === sid)?.[what] as string,
      ]),
    ) as Orders;
  return { account, orders, iccids: column('iccid'), sims: column('sim_sid') };
}

/** Statements alone. */
const by =
  (statements: (place: Place) => string | string[]): Damage =>
  (database, place) =>
    database.run(...[statements(place)].flat());

/** Other columns of an eSIM Profile, with the resource that they make. */
function order(
  name: keyof Place['orders'],
  changes: (place: Place) => Partial<EsimProfileRow>,
  ...more: ((place: Place) => string)[]
): Damage {
  return async (database, place) => {
    const sid = place.orders[name];
    const [row] = await database.all(`select * from esim_profiles where sid = '${sid}'`);
    const changed = { ...row, ...changes(place) } as EsimProfileRow;
    const written = { ...changes(place), resource: renderEsimProfile(changed) };
    const set = Object.entries(written).map(([column, value]) => `${column} = ${quote(value)}`);
    await database.run(
      `update esim_profiles set ${set.join(', ')} where sid = '${sid}'`,
      ...more.map((statement) => statement(place)),
    );
  };
}

const quote = (value: string | number | null) =>
  value === null ? 'null' : `'${String(value).replaceAll("'", "''")}'`;

const LONG_AGO = '2020-01-01T00:00:00.000Z';
const FAR_AHEAD = '2120-01-01T00:00:00.000Z';
const NOBODYS = '0'.repeat(32);
const NO_ORDER = `eid = null, matching_id = null, ordered_by = null, date_released = null, ended_reason = null,
  smds = null, confirmation_code = null, confirmation_code_attempts = 0, download_attempts = 0, euicc_otpk = null, smdp_otsk = null`;

const profile = (set: string, name: keyof Orders) =>
  by(({ iccids }) => `update subscriptions set ${set} where iccid = '${iccids[name]}'`);
const event = (set: string, name: keyof Orders, status: string) =>
  by(
    ({ orders }) =>
      `update esim_profile_events set ${set} where esim_profile_sid = '${orders[name]}' and status = '${status}'`,
  );
const OTHER_EID = '89049032000000000000000000000000';

/** Its key does not exist. */
const euiccOf = (account: string) =>
  `insert into euiccs (eid, account_sid, sid, state, eim_key, counter, package_number, result_signature,
      unsigned_results, date_created, date_updated)
    values ('${OTHER_EID}', '${account}', 'EU${NOBODYS}', 'registered', 99, 0, 0, 'associationToken',
      0, '${LONG_AGO}', '${LONG_AGO}')`;
const packageOf = (account: string, stateAndEnd: string) => [
  euiccOf(account),
  `insert into eim_packages (eid, number, account_sid, operation_sid, transaction_id, counter, request, sent,
      date_created, date_sent, state, date_ended)
    values ('${OTHER_EID}', 1, '${account}', 'EO${NOBODYS}', '00', 1, 'AA', 1, '${LONG_AGO}', '${LONG_AGO}',
      ${stateAndEnd})`,
];

/** A row of the log. */
const loggedCall = (name: keyof Orders, values: string) =>
  by(
    ({
      account,
      orders,
    }) => `insert into rsp_log (account_sid, esim_profile_sid, sid, duration_ms, request, date_created,
        function, transaction_id, eid, status)
      values ('${account}', '${orders[name]}', 'RL${NOBODYS}', 1, '', '${LONG_AGO}', ${values})`,
  );

/** A session as an older version stored it. */
const WITHOUT_LOG = 'log = null, date_due = date_created';

const sessionsOf = (database: Damaged, sid: string): Promise<LoggedSession[]> =>
  database.all(`select * from rsp_sessions where ordered_by = '${sid}'`);

async function setLog(database: Damaged, transactionId: string, log: Uint8Array): Promise<void> {
  const hex = Buffer.from(log).toString('hex');
  const value = database.config.kind === 'sqlite' ? `x'${hex}'` : `decode('${hex}', 'hex')`;
  await database.run(
    `update rsp_sessions set log = ${value} where transaction_id = '${transactionId}'`,
  );
}

/** Other calls in the logs of an order's sessions. */
function sessionLog(name: keyof Orders, change: (calls: RspLogRow[]) => RspLogRow[]): Damage {
  return async (database, { orders }) => {
    for (const session of await sessionsOf(database, orders[name])) {
      const calls = change(decodeSessionLog(session)).map(({ request, response, ...call }) => ({
        ...call,
        request: loggedParts(request),
        response: response === null ? null : loggedParts(response),
      }));
      const log = encodeSessionLog(calls, session.euicc_certificate!);
      await setLog(database, session.transaction_id, log);
    }
  };
}

const DOWNLOADED = `notification_point_id = 3`;

const changeCallback = ({ orders }: Place) =>
  `resource_sid = '${orders.told}' and parameters like '%["Changed",%'`;

const callbackOf = ({ orders }: Place, name: keyof Orders, status: string) =>
  `resource_sid = '${orders[name]}' and parameters like '%["Status","${status}"]%'`;

export const DAMAGES: [title: string, invariant: string, damage: Damage][] = [
  ['an index is missing', 'indexes', by(() => 'drop index esim_profiles_by_iccid')],
  [
    'rows of an account that does not exist',
    'accounts',
    by(() => `update api_keys set account_sid = 'AC${NOBODYS}'`),
  ],

  [
    'an operation of the eIM is on an eUICC that is not registered',
    'eim',
    by(
      ({ account }) =>
        `insert into eim_operations (eid, sid, account_sid, euicc_sid, kind, parameters, status, date_created, date_updated)
          values ('${OTHER_EID}', 'EO${NOBODYS}', '${account}', 'EU${NOBODYS}', 'listProfileInfo', '{}', 'queued', '${LONG_AGO}', '${LONG_AGO}')`,
    ),
  ],
  [
    'an operation of the eIM has ended, and its package is open',
    'eim',
    by(
      () =>
        `update eim_operations set status = 'completed', date_ended = '${LONG_AGO}' where status = 'sent'`,
    ),
  ],
  [
    'an operation of the eIM has ended, and keeps its confirmation code',
    'eim',
    by(
      ({ account }) =>
        `insert into eim_operations (eid, sid, account_sid, euicc_sid, kind, parameters, status, confirmation_code, date_created, date_updated, date_ended)
          select eid, 'EO${NOBODYS}', '${account}', sid, 'download', '{}', 'failed', '', '${LONG_AGO}', '${LONG_AGO}', '${LONG_AGO}' from euiccs`,
    ),
  ],
  [
    'a notification that the eIM keeps is that of an eUICC that is not registered',
    'eim',
    by(
      ({ account }) =>
        `insert into eim_notifications (eid, seq_number, account_sid, smdp_address, notification, attempts, due_at, date_created)
          values ('${OTHER_EID}', 1, '${account}', 'smdp.example.com', 'AA', 1, '${LONG_AGO}', '${LONG_AGO}')`,
    ),
  ],
  [
    'something waits for the IPA of an eUICC whose IPA does not listen',
    'eim',
    by(
      ({ account }) =>
        `insert into eim_injections (eid, account_sid, wanted, attempts, due_at, date_created)
          select eid, '${account}', 1, 0, '${LONG_AGO}', date_created from euiccs`,
    ),
  ],
  [
    'an unknown eUICC is heard outside of all ranges',
    'eim',
    by(
      ({ account }) =>
        `insert into euicc_contacts (eid, eid_prefix, account_sid, eim_key, attempts, transaction_id, request,
            euicc_certificate, eum_certificate, capabilities, date_created, date_expires)
          values ('${OTHER_EID}', '${OTHER_EID.slice(0, 8)}', '${account}', 1, 0, '00', '', '', '', '{}',
            '${LONG_AGO}', '${LONG_AGO}')`,
    ),
  ],
  ...(['euiccs', 'eim_operations', 'bulk_operations'] as const).map(
    (table): [string, string, Damage] => [
      `user and password in a callback URL of ${table} are not sealed`,
      'seals',
      by(() => `update ${table} set callback_url = 'https://user:secret@receiver.example/'`),
    ],
  ),
  ['a key of the eIM does not open', 'seals', by(() => `update eim_keys set private_key = 'AAAA'`)],
  [
    'an eUICC trusts a key of the eIM that does not exist',
    'eim',
    by(({ account }) => euiccOf(account)),
  ],
  [
    'a package of the eIM has a counter above that of its eUICC',
    'eim',
    by(({ account }) => packageOf(account, `'dead', '${LONG_AGO}'`)),
  ],
  [
    'a package of the eIM is open, and its operation was not sent',
    'eim',
    by(({ account }) => packageOf(account, `'open', null`)),
  ],

  ...(
    [
      ['counts items that are not refused', 'update bulk_operations set refused = 1'],
      ['has lost its items', 'delete from bulk_parts'],
      ['is running, and waits to be resumed', `update bulk_operations set step = 'hold'`],
      ['has ended, and goes on', `update bulk_operations set date_ended = '${LONG_AGO}'`],
      ['has an operation that is none of its items', 'update bulk_parts set operations = null'],
      ['has given out what is still to come', 'update bulk_operations set next_item = 1'],
      ['is gone, and its operations are not', 'delete from bulk_operations'],
    ] as const
  ).map(([what, statement]): [string, string, Damage] => [
    `a bulk operation ${what}`,
    'fleets',
    by(() => statement),
  ]),
  ['an eUICC is in a group that does not exist', 'fleets', by(() => 'delete from euicc_groups')],

  [
    'a call of a rented SM-DP+ belongs to nothing under way',
    'rented-tasks',
    by(
      ({ account, orders }) =>
        `insert into es2plus_calls values ('${account}', '${orders.repeated}', 'downloadOrder', 0, 'x', 'not sealed', 'asked', null)`,
    ),
  ],

  [
    'two orders have one ICCID',
    'iccids',
    order(
      'coded',
      ({ iccids, sims }) => ({ iccid: iccids.repeated, sim_sid: sims.repeated }),
      ({ sims }) => `delete from sims where sid = '${sims.coded}'`,
    ),
  ],
  [
    'the profile of an order is in stock',
    'iccids',
    profile(`state = 'Available', ${NO_ORDER}`, 'repeated'),
  ],
  [
    'a profile is under an order that does not exist',
    'iccids',
    profile(`ordered_by = 'HP${NOBODYS}'`, 'cancelled'),
  ],

  [
    'a profile is under the order of an operator that does not exist',
    'operators',
    by(
      () =>
        `update subscriptions set operator_sid = 'OP${NOBODYS}', ordered_by = 'OP${NOBODYS}/1'
          where iccid = (select min(iccid) from subscriptions where operator_sid is not null
            and iccid not in (select iccid from progress_reports))`,
    ),
  ],
  [
    'a certificate is that of no operator',
    'operators',
    by(() => `update operator_certificates set operator_sid = 'OP${NOBODYS}'`),
  ],
  [
    'a certificate is another than its fingerprint says',
    'operators',
    by(() => `update operator_certificates set certificate = 'AAAA'`),
  ],

  [
    'the log has another EID that was given the package',
    'packages',
    loggedCall('downloaded', `'getBoundProfilePackage', '00', '${OTHER_EID}', 'Executed-Success'`),
  ],
  [
    'the log of a session has another EID that was given the package',
    'packages',
    sessionLog('downloaded', (calls) =>
      calls.map((call) => ({ ...call, eid: call.eid && OTHER_EID })),
    ),
  ],
  [
    'the log of a session is cut short',
    'packages',
    async (database, { orders }) => {
      for (const { transaction_id, log } of await sessionsOf(database, orders.downloaded)) {
        await setLog(database, transaction_id, log!.subarray(0, -1));
      }
    },
  ],
  [
    'a session bound the package to another EID',
    'packages',
    by(
      ({ iccids }) => `update rsp_sessions set eid = '${OTHER_EID}'
        where iccid = '${iccids.downloaded}'`,
    ),
  ],
  [
    'a session of an older version bound the package to another EID',
    'packages',
    by(
      ({
        iccids,
      }) => `update rsp_sessions set ordered_by = null, ${WITHOUT_LOG}, eid = '${OTHER_EID}'
        where iccid = '${iccids.downloaded}'`,
    ),
  ],
  [
    'the SM-DP+ has another EID than the order',
    'packages',
    profile(`eid = '89049032000000000000000000000000'`, 'repeated'),
  ],

  ['a state went back', 'statuses', profile(`state = 'Confirmed'`, 'repeated')],
  [
    'an order has an error that has not failed',
    'statuses',
    order('repeated', () => ({
      error_code: '83500',
      error_message: 'No eSIM Profiles are available',
    })),
  ],
  [
    'an activation code is another one',
    'statuses',
    order('repeated', () => ({ activation_code: '1$localhost$AAAAA-AAAAA' })),
  ],
  [
    'a matching ID is another one than at the SM-DP+',
    'statuses',
    profile(`matching_id = 'AAAAA-AAAAA'`, 'repeated'),
  ],
  [
    'an order has lost its ICCID and Sim',
    'statuses',
    order('waiting', () => ({ smdp_plus_address: 'localhost' })),
  ],

  [
    'a profile in stock has something of an order',
    'states',
    by(() => `update subscriptions set download_attempts = 1 where state = 'Available'`),
  ],
  [
    'a profile that has not ended has why it ended',
    'states',
    profile(`ended_reason = 'expired'`, 'repeated'),
  ],
  ['a profile that has ended has no reason', 'states', profile('ended_reason = null', 'cancelled')],
  ['half a binding is missing', 'states', profile('smdp_otsk = null', 'downloaded')],
  [
    'keys of a download are left',
    'states',
    profile(`euicc_otpk = '', smdp_otsk = null`, 'repeated'),
  ],
  ['a released profile has no date of it', 'states', profile('date_released = null', 'repeated')],
  [
    'a profile that nobody has downloaded is known to be absent from its eUICC',
    'states',
    profile('known_absent = 1', 'repeated'),
  ],
  [
    'a profile that was cancelled after its package had left has lost when it was released',
    'states',
    profile('date_released = null', 'withdrawn'),
  ],

  [
    'more downloads than an order allows',
    'counters',
    profile('download_attempts = 11', 'repeated'),
  ],
  ['fewer downloads than the log has', 'counters', profile('download_attempts = 1', 'interrupted')],
  [
    'a download in a row of the log that is not counted',
    'counters',
    loggedCall('downloaded', `'authenticateClient', '00', null, 'Executed-Success'`),
  ],
  [
    'an installed profile without a download',
    'counters',
    profile('download_attempts = 0', 'installed'),
  ],
  [
    'a count of wrong codes went back',
    'counters',
    profile('confirmation_code_attempts = 4', 'wrongCodes'),
  ],
  ['all wrong codes, and no end', 'counters', profile('confirmation_code_attempts = 5', 'coded')],

  [
    'a count of the statistics is too high',
    'statistics',
    by(
      () => `update statistics_counts set count = count + 1 where unit = 'all' and detail = '>new'`,
    ),
  ],
  [
    'a count of the statistics is missing',
    'statistics',
    by(() => `delete from statistics_counts where unit = 'day' and what = 'failure'`),
  ],
  [
    'statistics do not say up to where they are counted',
    'statistics',
    by(() => 'delete from statistics_marks'),
  ],
  [
    'a step of the history is missing',
    'histories',
    by(
      ({ orders }) =>
        `delete from esim_profile_events where esim_profile_sid = '${orders.downloaded}' and status = 'available'`,
    ),
  ],
  [
    'the last step of the history is missing',
    'histories',
    by(
      ({ orders }) =>
        `delete from esim_profile_events where esim_profile_sid = '${orders.downloaded}' and status = 'downloaded'`,
    ),
  ],
  [
    'a step begins where none ended',
    'histories',
    event(`previous_status = 'failed'`, 'downloaded', 'available'),
  ],
  [
    'a step is dated before the last',
    'histories',
    event(`date_created = '${LONG_AGO}'`, 'repeated', 'available'),
  ],
  [
    'a history of no order',
    'histories',
    by(
      ({
        account,
      }) => `insert into esim_profile_events (account_sid, esim_profile_sid, sid, type, status, cause, date_created)
        values ('${account}', 'HP${NOBODYS}', 'EV${NOBODYS}', 'status', 'new', 'damage', '${LONG_AGO}')`,
    ),
  ],
  [
    'an RSP log of no order',
    'histories',
    by(
      ({ orders }) =>
        `update rsp_log set esim_profile_sid = 'HP${NOBODYS}' where esim_profile_sid = '${orders.wrongCodes}'`,
    ),
  ],
  [
    'a session of no order',
    'histories',
    by(
      ({ orders }) =>
        `update rsp_sessions set ordered_by = 'HP${NOBODYS}' where ordered_by = '${orders.cancelled}'`,
    ),
  ],
  [
    'an order was updated at another time than its history says',
    'histories',
    order('repeated', () => ({ date_updated: '2020-01-01T00:00:00Z' })),
  ],

  [
    'a change is not in the history',
    'histories',
    by(
      ({ orders }) =>
        `update esim_profiles set revision = revision + 1 where sid = '${orders.changed}'`,
    ),
  ],

  [
    'an order is replaced by one that does not say so',
    'replacements',
    order('replaced', ({ orders }) => ({ replaced_by_sid: orders.repeated })),
  ],
  [
    'an order replaces one that does not say so',
    'replacements',
    order('replacing', ({ orders }) => ({ replaces_sid: orders.wrongCodes })),
  ],
  [
    'an order is replaced that has not ended',
    'replacements',
    order(
      'repeated',
      ({ orders }) => ({ replaced_by_sid: orders.replacing }),
      ({ orders }) =>
        `update esim_profiles set replaces_sid = '${orders.repeated}',
          resource = replace(resource, '${orders.replaced}', '${orders.repeated}')
          where sid = '${orders.replacing}'`,
    ),
  ],

  [
    'installed without a notification',
    'notifications',
    by(({ iccids }) => `delete from rsp_notifications where iccid = '${iccids.byEid}'`),
  ],
  [
    'a notification that the history does not have',
    'notifications',
    by(
      ({ iccids }) =>
        `delete from rsp_notifications where iccid = '${iccids.installed}' and event = 'notificationDisable'`,
    ),
  ],
  [
    'a notification about no profile',
    'notifications',
    by(
      ({
        account,
      }) => `insert into rsp_notifications (eid, digest, account_sid, iccid, sequence_number, event, date_created)
        values ('89049032000000000000000000000000', '00', '${account}', '8900000000000000000', 1, 'install', '${LONG_AGO}')`,
    ),
  ],

  [
    'a transition was not told',
    'callbacks',
    by((place) => [
      `delete from callback_attempts where callback_sid in (select sid from callbacks where ${callbackOf(place, 'installed', 'downloaded')})`,
      `delete from callbacks where ${callbackOf(place, 'installed', 'downloaded')}`,
    ]),
  ],
  [
    'an order without callbacks was called back',
    'callbacks',
    by(
      ({ orders }) =>
        `update esim_profiles set callback_off = 1, callback_url = null where sid = '${orders.installed}'`,
    ),
  ],
  [
    'a transition was told twice',
    'callbacks',
    by(
      (place) => `insert into callbacks
        select account_sid, 'CB${NOBODYS}', resource_sid, receiver, url, method, parameters, 'pending', 0, next_attempt_at,
          null, date_created, null, null
        from callbacks where ${callbackOf(place, 'installed', 'installed')}`,
    ),
  ],
  [
    'a change was not told',
    'callbacks',
    by((place) => [
      `delete from callback_attempts where callback_sid in (select sid from callbacks where ${changeCallback(place)})`,
      `delete from callbacks where ${changeCallback(place)}`,
    ]),
  ],
  [
    'a change was told twice',
    'callbacks',
    by(
      (place) => `insert into callbacks
        select account_sid, 'CB${NOBODYS}', resource_sid, receiver, url, method, parameters, 'pending', 0, next_attempt_at,
          null, date_created, null, null
        from callbacks where ${changeCallback(place)}`,
    ),
  ],
  [
    'a change tells another matching ID',
    'callbacks',
    by(
      (place) => `update callbacks
        set parameters = replace(parameters, '"MatchingId","', '"MatchingId","X') where ${changeCallback(place)}`,
    ),
  ],
  [
    'a callback tells another ICCID',
    'callbacks',
    by(
      (
        place,
      ) => `update callbacks set parameters = replace(parameters, '${place.iccids.installed}', '${place.iccids.byEid}')
        where ${callbackOf(place, 'installed', 'available')}`,
    ),
  ],
  [
    'a callback tells a transition that never was',
    'callbacks',
    by(
      (
        place,
      ) => `update callbacks set parameters = replace(parameters, '"PreviousStatus","available"', '"PreviousStatus","new"')
        where ${callbackOf(place, 'cancelled', 'failed')}`,
    ),
  ],
  [
    'a callback tells of nothing',
    'callbacks',
    by(
      (place) =>
        `update callbacks set resource_sid = 'HS${NOBODYS}' where resource_sid = '${place.sims.installed}'`,
    ),
  ],
  [
    'a callback goes elsewhere than its receiver',
    'callbacks',
    by(
      (place) =>
        `update callbacks set receiver = 'http://localhost:1' where ${callbackOf(place, 'byEid', 'available')}`,
    ),
  ],

  [
    'a step was not reported to its operator',
    'progress',
    by(() => [
      `delete from progress_attempts where progress_report_sid in (select sid from progress_reports where ${DOWNLOADED})`,
      `delete from progress_reports where ${DOWNLOADED}`,
    ]),
  ],
  [
    'the end of an order was not reported to its operator',
    'progress',
    by(() => [
      `delete from progress_attempts where progress_report_sid in (select sid from progress_reports where status = 'Failed')`,
      `delete from progress_reports where status = 'Failed'`,
    ]),
  ],
  [
    'a report tells of another profile',
    'progress',
    by(() => `update progress_reports set request = replace(request, '"iccid":"8', '"iccid":"9')`),
  ],
  [
    'a report is for no operator',
    'progress',
    by(() => `update progress_reports set operator_sid = 'OP${NOBODYS}' where ${DOWNLOADED}`),
  ],
  [
    'a report was sent before an older one',
    'progress',
    by(() => [
      `update progress_reports set state = 'pending', attempts = 0, date_settled = null
        where state = 'delivered' and notification_point_id = 1`,
      `delete from progress_attempts where progress_report_sid in
        (select sid from progress_reports where state = 'pending')`,
    ]),
  ],

  ['attempts are missing', 'deliveries', by(() => 'update callbacks set attempts = attempts + 1')],
  [
    'attempts at no callback',
    'deliveries',
    by(
      ({
        account,
      }) => `insert into callback_attempts (account_sid, callback_sid, attempt, date_started, duration_ms)
        values ('${account}', 'CB${NOBODYS}', 1, '${LONG_AGO}', 1)`,
    ),
  ],
  [
    'what was delivered was refused',
    'deliveries',
    by(() => `update callback_attempts set error = 'the attempt failed' where error is null`),
  ],
  [
    'a report was delivered without an attempt',
    'deliveries',
    by(() => `delete from progress_attempts`),
  ],
  [
    'what is settled is not dated',
    'deliveries',
    by(() => `update callbacks set date_settled = null where state = 'delivered'`),
  ],

  [
    'an order that waits for its EID is at no SM-DS',
    'announcements',
    by(({ iccids }) => `delete from smds_events where iccid = '${iccids.announced}'`),
  ],
  [
    'an order that has ended is to be at an SM-DS',
    'announcements',
    by(({ iccids }) => `update smds_events set wanted = 1 where iccid = '${iccids.byEid}'`),
  ],
  [
    'nobody will register an event that is wanted',
    'announcements',
    by(
      ({ iccids }) =>
        `update smds_events set next_attempt_at = null where iccid = '${iccids.announced}'`,
    ),
  ],

  [
    'a kept answer names an order that is not there',
    'answers',
    by(
      ({ orders }) =>
        `update idempotency_keys set response_body = replace(response_body, '${orders.repeated}', 'HP${NOBODYS}')`,
    ),
  ],

  ['a Sim is missing', 'sims', by(({ sims }) => `delete from sims where sid = '${sims.repeated}'`)],
  [
    'a Sim is scheduled for nothing',
    'sims',
    by(({ sims }) => `update sims set status = 'scheduled' where sid = '${sims.repeated}'`),
  ],
  [
    'a Sim without an order',
    'sims',
    by(
      ({
        account,
      }) => `insert into sims (account_sid, sid, iccid, status, callback_method, date_created, date_updated)
        select '${account}', 'HS${NOBODYS}', min(iccid), 'new', 'POST', '${LONG_AGO}', '${LONG_AGO}'
        from subscriptions where state = 'Available'`,
    ),
  ],

  [
    'a resource is not that of its columns',
    'resources',
    by(
      ({ orders }) =>
        `update esim_profiles set resource = replace(resource, 'available', 'installed') where sid = '${orders.repeated}'`,
    ),
  ],
  [
    'a template has an older version',
    'resources',
    by(() => `update profile_templates set version = 'older'`),
  ],
  [
    'a package has an older version',
    'resources',
    by(() => `update profile_packages set version = 'older'`),
  ],

  [
    'a friendly name is not that by which it is found',
    'ownerFields',
    by(
      ({ orders }) =>
        `update esim_profiles set friendly_name_folded = 'TRUCK 17' where sid = '${orders.withdrawn}'`,
    ),
  ],
  [
    'a key of its metadata is not found',
    'ownerFields',
    by(() => `delete from esim_profile_metadata where name = 'lot'`),
  ],
  [
    'a key of its metadata is found by another value',
    'ownerFields',
    by(() => `update esim_profile_metadata set value = '8' where name = 'lot'`),
  ],
  [
    'a key is found that it does not have',
    'ownerFields',
    by(
      ({ account, orders }) =>
        `insert into esim_profile_metadata values ('${account}', 'site', 'Berlin', '${orders.withdrawn}')`,
    ),
  ],

  ...(
    [
      ['an auth token', `update accounts set auth_token = 'AAAA'`],
      [
        'the proof of the master key',
        `update settings set value = 'AAAA' where name = 'master_key_check'`,
      ],
      ['a private key', `update pki_certificates set private_key = 'AAAA' where role = 'dpAuth'`],
      [
        'a code at the SM-DP+',
        `update subscriptions set confirmation_code = 'AAAA' where confirmation_code is not null`,
      ],
      [
        'a code of an order',
        `update esim_profiles set confirmation_code = 'AAAA' where confirmation_code is not null`,
      ],
      [
        'the seed of a binding',
        `update subscriptions set smdp_otsk = 'AAAA' where smdp_otsk is not null`,
      ],
      [
        'the credentials of an order',
        `update esim_profiles set callback_url = replace(callback_url, 'sealed:', 'sealed:A') where callback_url like '%sealed:%'`,
      ],
      [
        'the credentials of a callback',
        `update callbacks set url = replace(url, 'sealed:', 'sealed:A') where url like '%sealed:%'`,
      ],
      [
        'the keys of another subscription',
        `update subscriptions set secrets = (select max(secrets) from subscriptions where state = 'Available')
          where state = 'Released'`,
      ],
      [
        'a template, with its version',
        `update profile_templates set template = '${'A'.repeat(24)}', version = '${'A'.repeat(24)}'`,
      ],
      [
        'a package, with its version',
        `update profile_packages set package = '${'A'.repeat(24)}', version = '${'A'.repeat(24)}'`,
      ],
    ] as const
  ).map(([what, statement]): [string, string, Damage] => [
    `${what} does not open`,
    'seals',
    by(() => statement),
  ]),

  ...(
    [
      ['an RSP session without a package', 'rsp_sessions', 'smdp_sign is null', WITHOUT_LOG],
      ['a session of the console', 'console_sessions', '1 = 1'],
      ['a ticket of the console', 'console_tickets', '1 = 1'],
    ] as const
  ).flatMap(([what, table, where, ...more]): [string, string, Damage][] => [
    [
      `${what} is over and still there`,
      'lifetimes',
      by(
        () =>
          `update ${table} set ${[`date_expires = '${LONG_AGO}'`, ...more].join()} where ${where}`,
      ),
    ],
    [
      `${what} lasts too long`,
      'lifetimes',
      by(() => `update ${table} set date_expires = '${FAR_AHEAD}' where ${where}`),
    ],
  ]),
  ...[LONG_AGO, FAR_AHEAD].map((date): [string, string, Damage] => [
    `whether an RSP session can be deleted is to be decided at ${date}`,
    'lifetimes',
    by(() => `update rsp_sessions set log = null, date_due = '${date}'`),
  ]),
  [
    'a session with a log can be deleted',
    'lifetimes',
    by(() => `update rsp_sessions set date_due = date_created`),
  ],
  [
    'a session without a log is kept for ever',
    'lifetimes',
    by(({ iccids }) => `update rsp_sessions set log = null where iccid = '${iccids.downloaded}'`),
  ],
  [
    'an order that nobody has downloaded outlives its time',
    'lifetimes',
    order('changed', () => ({ expires_at: '2020-01-01T00:00:00Z' })),
  ],
  ...(
    [
      ['counts an item that it has not', 'update batches set ordered = ordered + 1'],
      ['has lost what became of its items', 'update batch_parts set sids = null'],
      ['has lost a part', 'delete from batch_parts'],
      ['is completed, and goes on', `update batches set step = 'order'`],
      [
        'has ended, and its callback was lost',
        `delete from callback_attempts where callback_sid in
          (select sid from callbacks where resource_sid like 'BT%')`,
        `delete from callbacks where resource_sid like 'BT%'`,
      ],
      [
        'has ended, and its callback tells something else',
        `update callbacks set parameters = replace(parameters, '["Refused","1"]', '["Refused","2"]')
          where resource_sid like 'BT%'`,
      ],
      [
        'has stock taken for an item that does not wait',
        `update subscriptions set state = 'Allocated', order_number = 1, ordered_by =
          (select sid from batches) || '.2' where iccid =
          (select max(iccid) from subscriptions where state = 'Available')`,
      ],
    ] as const
  ).map(([what, ...statements]): [string, string, Damage] => [
    `a batch ${what}`,
    'batches',
    by(() => [...statements]),
  ]),
  [
    'an order is of a batch that does not exist',
    'batches',
    order('coded', () => ({ batch_sid: `BT${NOBODYS}` })),
  ],
  [
    'an order is of a batch that does not name it',
    'batches',
    async (database, place) => {
      const [batch] = await database.all('select sid from batches');
      await order('coded', () => ({ batch_sid: batch.sid as string }))(database, place);
    },
  ],
  [
    'what was wrong with an item of a batch does not open',
    'seals',
    by(() => `update batch_parts set errors = 'AAAA'`),
  ],
  [
    'a batch stands still',
    'lifetimes',
    by(
      ({
        account,
      }) => `insert into batches (account_sid, sid, status, step, all_or_nothing, item_count, part_size,
          next_part, ordered, refused, reserved, placed_by, callback_method, date_worked, date_created, date_updated)
        values ('${account}', 'BT${NOBODYS}', 'running', 'order', 0, 0, 30, 0, 0, 0, 0, '', 'POST',
          '${LONG_AGO}', '${LONG_AGO}', '${LONG_AGO}')`,
    ),
  ],
  [
    'an Idempotency-Key is over and still there',
    'lifetimes',
    by(() => `update idempotency_keys set date_created = '${LONG_AGO}'`),
  ],
  [
    'an install link expired long ago and is still there',
    'lifetimes',
    by(
      () =>
        `update install_links set date_created = '${LONG_AGO}', date_expires = '${LONG_AGO}' where date_revoked is null`,
    ),
  ],
  [
    'an install link lasts too long',
    'links',
    by(() => `update install_links set date_expires = '${FAR_AHEAD}'`),
  ],
  [
    'an install link has its token instead of a hash',
    'links',
    by(() => `update install_links set token_hash = 'jfv7qd8m2xkp5wzb9ct4hn6rya'`),
  ],
  [
    'an install link is of no profile',
    'links',
    by(() => `update install_links set esim_profile_sid = 'HP${NOBODYS}'`),
  ],
  [
    'an event of the past is kept',
    'lifetimes',
    by(
      ({ iccids }) =>
        `update smds_events set next_attempt_at = null, state = 'absent', date_updated = '${LONG_AGO}'
          where iccid = '${iccids.byEid}'`,
    ),
  ],
  [
    'a callback was settled long ago and is still there',
    'lifetimes',
    by(() => `update callbacks set date_settled = '${LONG_AGO}' where state = 'delivered'`),
  ],
  ...[LONG_AGO, FAR_AHEAD].map((date): [string, string, Damage] => [
    `a pending callback is locked until ${date}`,
    'lifetimes',
    by(() => `update callbacks set locked_until = '${date}' where state = 'pending'`),
  ]),
];
