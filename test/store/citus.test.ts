// Tables spread over the workers of Citus: what is asked of one server alone, what is unique over all, and databases of before.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openStore } from '../../src/store/open.ts';
import { MIGRATIONS } from '../../src/store/migrate.ts';
import { openPostgres } from '../../src/store/postgres.ts';
import type {
  EimOperationRow,
  EimPackageRow,
  EuiccRow,
  SubscriptionRow,
} from '../../src/store/schema.ts';
import type { Store } from '../../src/store/store.ts';
import {
  citusUrl,
  dropCitusDatabases,
  freshCitusDatabase,
  makeCitus,
  plainDatabase,
  withoutCitus,
} from '../citus.ts';
import { subscriptionRow } from './subscription-row.ts';
import { askPostgres } from '../ask-postgres.ts';
import { eventually } from '../server.ts';

const ACCOUNTS = ['a', 'b', 'c', 'd'].map((letter) => `AC${letter.repeat(32)}`);
const [A, B] = ACCOUNTS as [string, string];
const EID = '89049032000000000000000000000001';
const DATE = '2026-11-23T12:00:00.000Z';

const subscription = (accountSid: string, serial: number, fields: Partial<SubscriptionRow> = {}) =>
  subscriptionRow({
    account_sid: accountSid,
    iccid: `8900000000000${String(serial).padStart(6, '0')}`,
    date_created: DATE,
    date_updated: DATE,
    ...fields,
  });

function eimRows(account_sid: string) {
  const dates = { date_created: DATE, date_updated: DATE };
  const euicc: EuiccRow = {
    eid: EID,
    account_sid,
    sid: `EU${'0'.repeat(32)}`,
    friendly_name: null,
    state: 'registered',
    eim_key: 1,
    association_token: null,
    counter: 0,
    seq_number: null,
    package_number: 1,
    result_signature: 'associationToken',
    unsigned_results: 0,
    euicc_certificate: null,
    eum_certificate: null,
    capabilities: null,
    profiles: null,
    date_profiles: null,
    reported: null,
    callback_url: null,
    callback_method: 'POST',
    callback_off: 0,
    group_sid: null,
    metadata: null,
    orders_due: null,
    installation_seq_number: null,
    ipa_url: null,
    ipa_binding: 'asn1',
    ipa_ca: null,
    date_seen: null,
    ...dates,
  };
  const operation: EimOperationRow = {
    eid: EID,
    sid: `EO${'0'.repeat(32)}`,
    account_sid,
    euicc_sid: euicc.sid,
    kind: 'download',
    parameters: '{}',
    status: 'sent',
    esim_profile_sid: null,
    bulk_sid: null,
    result: null,
    error_code: null,
    error_message: null,
    confirmation_code: null,
    callback_url: null,
    callback_method: 'POST',
    callback_off: 0,
    history: null,
    failures: 0,
    date_failed: null,
    date_due: null,
    date_sent: DATE,
    date_ended: null,
    ...dates,
  };
  const sent: EimPackageRow = {
    eid: EID,
    number: 1,
    account_sid,
    operation_sid: operation.sid,
    transaction_id: 'EF'.repeat(16),
    counter: null,
    request: Buffer.of(1),
    response: null,
    rsp_transaction_id: null,
    smdp_address: null,
    rsp_session: null,
    state: 'open',
    sent: 1,
    after_seq_number: null,
    date_created: DATE,
    date_sent: DATE,
    date_ended: null,
  };
  return { euicc, operation, sent };
}

const spreadTables = async (url: string) =>
  (
    await askPostgres(
      url,
      `select logicalrelid::text as name from pg_dist_partition where partmethod = 'h'`,
    )
  ).map(({ name }) => String(name));

describe('tables spread by account, on Citus', { skip: withoutCitus }, () => {
  let url: string;
  let store: Store;

  before(async () => {
    url = await freshCitusDatabase(citusUrl!);
    store = await openStore({ kind: 'postgres', url });
  });
  after(async () => {
    await store.close();
    await dropCitusDatabases();
  });

  /** How many statements that work has asked of several servers. */
  async function severalServers(work: () => Promise<unknown>): Promise<number> {
    const count = async () => {
      const text = `select query_execution_multi_shard as n from citus_stat_counters where name = current_database()`;
      return Number((await askPostgres(url, text))[0]!['n']);
    };
    const first = await count();
    await work();
    return (await count()) - first;
  }

  const insert = (...rows: SubscriptionRow[]) =>
    store.transaction(({ subscriptions }) => subscriptions.insertMany(rows));

  test('a profile is found by its MatchingID, and by its EID in several accounts, without asking every server', async () => {
    await insert(subscription(A, 1, { matching_id: 'FOUND-IN-A', eid: EID, state: 'Released' }));
    await insert(subscription(B, 2, { matching_id: '', eid: EID, state: 'Released' }));
    const { orderedProfiles } = store;
    const several = await severalServers(async () => {
      const [found, ...others] = await orderedProfiles.findByMatchingId('FOUND-IN-A');
      assert.equal(found!.profile.account_sid, A);
      assert.deepEqual(others, []);
      const iccids = (await orderedProfiles.findByEid(EID)).map(({ profile }) => profile.iccid);
      assert.deepEqual(
        iccids,
        [1, 2].map((serial) => subscription(A, serial).iccid),
      );
      assert.deepEqual(await orderedProfiles.findByMatchingId('NOWHERE'), []);
    });
    assert.equal(several, 0);
    const all = () => store.esimProfiles.anyToReserve();
    assert.ok((await severalServers(all)) > 0, 'what asks every server is counted');
  });

  test('§5.3.2 a MatchingID that all accounts ask for at the same time is given to one of them', async () => {
    const ways = await Promise.allSettled(
      ACCOUNTS.map((account, index) =>
        store.transaction(async ({ subscriptions }) => {
          if (!(await subscriptions.claimMatchingId('WANTED-BY-ALL', account, DATE))) {
            throw new Error('taken');
          }
          await subscriptions.insertMany([
            subscription(account, 100 + index, { matching_id: 'WANTED-BY-ALL' }),
          ]);
        }),
      ),
    );
    assert.equal(ways.filter(({ status }) => status === 'fulfilled').length, 1);
    assert.equal((await store.orderedProfiles.findByMatchingId('WANTED-BY-ALL')).length, 1);
  });

  test('a MatchingID that is gone can be had by its account, and by another one once it is certain', async () => {
    const claim = (account: string, date: string) =>
      store.transaction(({ subscriptions }) =>
        subscriptions.claimMatchingId('GONE', account, date),
      );
    assert.equal(await claim(A, DATE), true);
    assert.equal(await claim(A, DATE), true);
    assert.equal(await claim(B, DATE), false, 'it may be prepared on a server');
    assert.equal(await claim(B, '2026-11-23T13:00:00.000Z'), true);
  });

  async function inTwoPhases(work: () => Promise<unknown>): Promise<number> {
    await askPostgres(url, `select recover_prepared_transactions()`);
    const count = async () =>
      Number(
        (await askPostgres(url, 'select count(*)::int as n from pg_dist_transaction'))[0]!['n'],
      );
    const first = await count();
    await work();
    return (await count()) - first;
  }

  test('what an eUICC of the eIM is sent is on one server, and found there, also by the TransactionID of the SM-DP+', async () => {
    const { euicc, operation, sent } = eimRows(A);
    const { eimOperations } = store;
    const phases = await inTwoPhases(() =>
      store.transaction(async (tables) => {
        await tables.euiccs.insert(euicc);
        await tables.eimOperations.insert(operation);
        await tables.eimOperations.insertPackage(sent);
      }),
    );
    assert.equal(phases, 0);
    const RSP = 'AB'.repeat(16);
    await store.transaction((tables) =>
      tables.eimOperations.updatePackage(sent, { rsp_transaction_id: RSP }),
    );
    await store.transaction((tables) => tables.eimOperations.setMark(A, ''));
    const several = await severalServers(async () => {
      const known = await eimOperations.packageByRspTransaction(RSP);
      assert.equal(known?.eid, EID);
      assert.equal(await eimOperations.packageByRspTransaction('CD'.repeat(16)), undefined);
      assert.deepEqual(await eimOperations.packageByTransaction(sent.transaction_id, EID), known);
      assert.equal((await eimOperations.next(EID))?.sid, operation.sid);
      assert.equal(await eimOperations.mark(A), '');
      assert.equal(await eimOperations.mark(B), undefined);
      await store.transaction((tables) => tables.eimOperations.deleteAll(EID));
      assert.equal(await eimOperations.packageByRspTransaction(RSP), undefined);
    });
    assert.equal(several, 0);
    const left = await askPostgres(url, `select 1 from whereabouts where value = '${RSP}'`);
    assert.deepEqual(left, []);
  });

  test('a change of an account, and what one server stores with it, are committed in two phases', async () => {
    const phases = await inTwoPhases(() =>
      store.transaction(async ({ accounts, subscriptions }) => {
        await accounts.insertKey({
          account_sid: A,
          sid: `SK${'0'.repeat(32)}`,
          friendly_name: 'x',
          secret_hash: 'x',
          scope: 'read',
          role: null,
          date_created: DATE,
          date_revoked: null,
        });
        await subscriptions.insertMany([subscription(A, 200)]);
      }),
    );
    assert.equal(phases, 1);
  });

  test('a later migration changes, indexes and fills tables that are spread', async () => {
    const backend = openPostgres(url);
    try {
      await backend.migrate({
        ...MIGRATIONS,
        '999-later': ({ text }) => [
          // Not in one statement, which Citus refuses.
          `alter table subscriptions add column later ${text} not null default 'x'`,
          `alter table subscriptions add constraint later_is_given check (later <> '')`,
          `create index subscriptions_later on subscriptions (account_sid, later)`,
          `update subscriptions set later = 'y' where account_sid = '${A}'`,
        ],
      });
    } finally {
      await backend.close();
    }
    const rows = await askPostgres(url, `select distinct later from subscriptions order by later`);
    assert.deepEqual(
      rows.map(({ later }) => later),
      ['x', 'y'],
    );
  });
});

describe('a database of before, on Citus', { skip: withoutCitus }, () => {
  after(dropCitusDatabases);

  test('is spread with its rows by the first server that starts, and found again', async () => {
    const url = await plainDatabase(citusUrl!);
    const config = { kind: 'postgres', url } as const;
    const plain = await openStore(config);
    assert.equal(plain.isSpread, false);
    const row = subscription(A, 1, { matching_id: 'OF-BEFORE', eid: EID, state: 'Released' });
    await plain.transaction(({ subscriptions }) => subscriptions.insertMany([row]));
    await makeCitus(url);
    await assert.rejects(openStore(config), /other servers use them; stop all of them/);
    await plain.close();
    const stores = await Promise.all([1, 2, 3].map(() => openStore(config)));
    const [store] = stores as [Store, ...Store[]];
    assert.equal(store.isSpread, true);
    assert.ok((await spreadTables(url)).includes('subscriptions'));
    const [found] = await store.orderedProfiles.findByMatchingId('OF-BEFORE');
    assert.partialDeepStrictEqual(found?.profile, row);
    assert.equal((await store.orderedProfiles.findByEid(EID)).length, 1);
    const taken = await store.transaction(({ subscriptions }) =>
      subscriptions.claimMatchingId('OF-BEFORE', B, DATE),
    );
    assert.equal(taken, false);
    await Promise.all(stores.map((opened) => opened.close()));
  });

  test('eUICCs that an older version has spread apart from their operations are together again, and downloads that it has begun are found', async () => {
    const url = await freshCitusDatabase(citusUrl!);
    const config = { kind: 'postgres', url } as const;
    const older = await openStore(config);
    const { euicc, operation, sent } = eimRows(A);
    const [RSP, LATER_RSP] = ['AB'.repeat(16), 'CD'.repeat(16)] as const;
    await older.transaction(async (tables) => {
      await tables.euiccs.insert(euicc);
      await tables.eimOperations.insert(operation);
      await tables.eimOperations.insertPackage({ ...sent, rsp_transaction_id: RSP });
    });
    for (const table of ['eim_operations', 'eim_packages', 'eim_notifications']) {
      await askPostgres(url, `select alter_distributed_table('${table}', colocate_with => 'none')`);
    }
    await askPostgres(url, `delete from whereabouts where kind = 'RSP transaction'`);
    // The older version goes on meanwhile: while a transaction of it has the rows, others do not wait behind the move for its end.
    const SECOND = { ...sent, number: 2, transaction_id: 'FE'.repeat(16) };
    const began = Promise.withResolvers<void>();
    const busy = older.transaction(async (tables) => {
      await tables.eimOperations.updatePackage(sent, { sent: 2 });
      began.resolve();
      const waiting = `select 1 from pg_locks where not granted and locktype = 'relation'`;
      await eventually(async () => (await askPostgres(url, waiting))[0]);
      await older.transaction(({ eimOperations }) =>
        eimOperations.insertPackage({ ...SECOND, rsp_transaction_id: LATER_RSP }),
      );
    });
    await began.promise;
    const opening = openStore(config);
    await Promise.all([busy, opening]);
    const store = await opening;
    await askPostgres(url, `delete from whereabouts where value = '${LATER_RSP}'`);
    const polled = await store.euiccs.polled(EID);
    assert.deepEqual([polled?.sid, polled?.has_work], [euicc.sid, 1]);
    assert.equal((await store.eimOperations.packageByRspTransaction(RSP))?.eid, EID);
    assert.equal((await store.eimOperations.packageOfBegun(LATER_RSP))?.number, 2);
    assert.equal(await store.eimOperations.packageOfBegun('EF'.repeat(16)), undefined);
    await store.close();
    await older.close();
  });

  test('with the extension but without workers, says what is missing', async () => {
    const url = await plainDatabase(citusUrl!);
    await askPostgres(url, 'create extension citus');
    await assert.rejects(openStore({ kind: 'postgres', url }), /citus_add_node/);
  });
});
