// A database after whole journeys violates nothing, also while a server writes. For each invariant it is damaged by
// hand, and that invariant is named, and no other.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DatabaseConfig } from '../../src/config.ts';
import { openData } from '../../src/data.ts';
import { keysIn } from '../../src/process/key-file.ts';
import { MasterKey } from '../../src/process/keys.ts';
import { columnsOf, SEALED_TABLES } from '../../src/rotation/sealed-columns.ts';
import { sealOrders, sealSameOrder } from '../../src/operator/batch/batch-part.ts';
import { sealCallbackUrl } from '../../src/operator/callback-url.ts';
import { sealTask } from '../../src/operator/rented/task.ts';
import { TaskState } from '../../src/operator/rented/task-state.ts';
import { countNext } from '../../src/operator/statistics/counting.ts';
import { findDeviceModels } from '../../src/smdp/download/device-models.ts';
import { backUp } from '../../src/transfer/backup.ts';
import { openBackup } from '../../src/transfer/backup-file.ts';
import { move, undoMove } from '../../src/transfer/move.ts';
import { restoreBackup } from '../../src/transfer/restore.ts';
import { sidAt } from '../../src/values/sid.ts';
import { acknowledged } from '../../src/verify/acknowledged.ts';
import { seals } from '../../src/verify/seals.ts';
import { onEachDatabase, postgres } from '../databases.ts';
import { freshDatabase } from '../postgres.ts';
import { rotateOnce } from '../rotation/killed.ts';
import { startTestServer } from '../server.ts';
import { contentOf } from '../transfer/content.ts';
import type { TestServer } from '../server.ts';
import type { Damaged } from './database-copy.ts';
import { openToDamage } from './database-copy.ts';
import { DAMAGES, placeOf } from './damages.ts';
import type { Place } from './damages.ts';
import type { Orders } from './journeys.ts';
import { JOURNEYS, orderAtRest, runJourneys } from './journeys.ts';
import { verdictsOf, violated } from './violated.ts';

/** For PostgreSQL, which takes ten times as long to be restored: the invariants themselves are the same. */
const ONE_OF_EACH = [...Map.groupBy(DAMAGES, ([, invariant]) => invariant).values()].map(
  ([first]) => first!,
);

const nameOf = (violation: string) => violation.slice(0, violation.indexOf(':'));

onEachDatabase('a database after whole journeys', (database) => {
  let server: TestServer;
  let masterKey: MasterKey;
  let orders: Orders;
  let damaged: Damaged;
  let place: Place;

  before(async () => {
    const databaseUrl = await database.own();
    const url = databaseUrl === undefined ? {} : { databaseUrl };
    server = await startTestServer({ ...JOURNEYS, ...url });
    ({ masterKey } = server.server.context);
    orders = await runJourneys(server);
  });
  after(async () => {
    await damaged[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  test('violates nothing while a server writes', async () => {
    const { config } = server;
    const writing = new AbortController();
    const written = (async () => {
      while (!writing.signal.aborted) {
        await server.request('/v1/Keys', { form: { FriendlyName: 'written' } });
        // Some between any two looks; without a pause, writing would take most of the CPU.
        await sleep(20);
      }
    })();
    const stock = Array.from({ length: 8 }, () => server.order({ GenerateMatchingId: 'true' }));
    for (let round = 0; round < 5; round++) {
      assert.deepEqual(await violated(config.database, masterKey), []);
    }
    writing.abort();
    await Promise.all([written, ...stock]);
    assert.deepEqual(await violated(config.database, masterKey), []);
  });

  test('violates nothing when the server has stopped, with an order that nobody has taken up', async () => {
    await server.server[Symbol.asyncDispose]();
    const data = await openData(server.config, server.secrets);
    const waiting = await orderAtRest(data, server.account.username);
    const counting = { ...data, findModels: findDeviceModels };
    await countNext(server.account.username, counting, sidAt('event', new Date('2100-01-01')));
    await data.store.close();
    assert.deepEqual(await violated(server.config.database, masterKey), []);
    damaged = await openToDamage(server.config.database);
    place = await placeOf(damaged, server.account.username, { ...orders, waiting });
  });

  describe('is damaged:', () => {
    for (const [title, invariant, damage] of database.name === 'SQLite' ? DAMAGES : ONE_OF_EACH) {
      test(`${invariant}: ${title}`, async () => {
        await damage(damaged, place);
        const found = await violated(damaged.config, masterKey);
        await damaged.restore();
        // What is damaged may be counted for.
        const names = found
          .map(nameOf)
          .filter((name) => name === invariant || name !== 'statistics');
        assert.deepEqual([...new Set(names)], [invariant], found.join('\n'));
      });
    }

    test('indexes: an index lacks a row', async (context) => {
      const known = await loseRow(damaged);
      if (typeof known === 'string') return context.skip(known);
      const found = await violated(damaged.config, masterKey);
      await damaged.restore();
      assert.equal(found.length > 0, true);
      for (const violation of found) assert.match(violation, known);
    });

    test('and whole again when it is restored', async () => {
      assert.deepEqual(await violated(damaged.config, masterKey), []);
    });
  });

  describe('what a client was told with 2xx', () => {
    const check = (...told: (string | object)[]) => {
      const lines = told.map((one) => (typeof one === 'string' ? one : JSON.stringify(one)));
      return violated(damaged.config, masterKey, [acknowledged(Readable.from(lines))]);
    };
    const answerOf = async (name: keyof Orders): Promise<any> => {
      const [row] = await damaged.all(
        `select resource from esim_profiles where sid = '${orders[name]}'`,
      );
      return JSON.parse(row.resource as string);
    };

    test('is there: by SID, and by answers of any time before', async () => {
      const installed = await answerOf('installed');
      const earlier = ['new', 'reserving', 'available', 'downloaded'].map((status) => ({
        ...installed,
        status,
      }));
      const asOrdered = { sid: orders.installed, status: 'new', iccid: null, eid: null };
      const failed = { ...(await answerOf('expired')), status: 'available', error_code: null };
      assert.deepEqual(
        await check(...Object.values(orders), '', installed, ...earlier, asOrdered, failed),
        [],
      );
    });

    test('acknowledged: an order is missing', async () => {
      const [lost, answer] = [`HP${'0'.repeat(32)}`, await answerOf('available')];
      await damaged.run(`delete from esim_profiles where sid = '${orders.available}'`);
      const found = await check(lost, answer, orders.installed);
      await damaged.restore();
      const missing = 'a client was told of this order, but it is not there';
      assert.deepEqual(
        found,
        [lost, orders.available].map((sid) => `acknowledged: ${sid}: ${missing}`),
      );
    });

    test('acknowledged: a status went back, or became another end', async () => {
      const answer = await answerOf('available');
      const downloaded = { ...answer, status: 'downloaded' };
      const failed = { ...answer, status: 'failed' };
      const told = (status: string) =>
        `acknowledged: ${orders.available}: a client was told that it is ${status}, but now it is available`;
      assert.deepEqual(await check(downloaded, failed), [told('downloaded'), told('failed')]);
    });

    test('acknowledged: an ICCID or an activation code is another one', async () => {
      const answer = await answerOf('available');
      const told = { ...answer, iccid: '8900000000000000000', activation_code: '1$localhost$A' };
      assert.deepEqual(await check(told), [
        `acknowledged: ${orders.available}: a client was told that its iccid is '8900000000000000000', but now it is '${answer.iccid}'`,
        `acknowledged: ${orders.available}: a client was told that its activation_code is '1$localhost$A', but now it is '${answer.activation_code}'`,
      ]);
    });

    test('acknowledged: an EID is another one, or it was updated earlier than was told', async () => {
      const answer = await answerOf('installed');
      const [eid, date_updated] = ['89049032000000000000000000000000', '2120-01-01T00:00:00Z'];
      assert.deepEqual(await check({ ...answer, eid: answer.eid.toLowerCase() }), []);
      assert.deepEqual(await check({ ...answer, eid, date_updated }), [
        `acknowledged: ${orders.installed}: a client was told that its eid is '${eid}', but now it is '${answer.eid}'`,
        `acknowledged: ${orders.installed}: a client was told that it was updated at ${date_updated}, but now that is ${answer.date_updated}`,
      ]);
    });

    test('a line that is neither a SID nor an answer is refused with its number', async () => {
      for (const [line, why] of [
        ['HP1', 'expected the SID of an eSIM Profile (HP…), or an answer as JSON with its sid'],
        [
          '{"status":"new"}',
          'expected the SID of an eSIM Profile (HP…), or an answer as JSON with its sid',
        ],
        [
          `{"sid":"${orders.installed}","status":"gone"}`,
          'expected status to be one of new, reserving',
        ],
        [
          `{"sid":"${orders.installed}","iccid":{"a":1}}`,
          `expected iccid to be text or null; got '{"a":1}'`,
        ],
        [
          'HP\u001b[31m',
          "expected the SID of an eSIM Profile (HP…), or an answer as JSON with its sid; got 'HP\u{FFFD}[31m'",
        ],
      ] as const) {
        await assert.rejects(check(orders.installed, line), (error: Error) => {
          assert.equal(error.name, 'AcknowledgedError');
          return error.message.startsWith(`line 2: ${why}`);
        });
      }
    });
  });

  test('on PostgreSQL without amcheck, it is told that the content of indexes is not examined', async () => {
    if (database.name === 'SQLite') return;
    await damaged.run('drop extension if exists amcheck');
    const verdicts = await verdictsOf(damaged.config, masterKey);
    const why = verdicts.flatMap(({ unexamined }) => unexamined);
    assert.equal(why.length, 1);
    assert.match(why[0]!, /^the content of the indexes was not examined/);
  });

  /** What journeys leave empty. */
  async function fillTheRest(): Promise<void> {
    const sids = { account_sid: server.account.username, subject: `HP${'1'.repeat(32)}` };
    const { account_sid: sid } = sids;
    const url = sealCallbackUrl('http://user:secret@127.0.0.1:9/', sid, masterKey);
    const [part] = await damaged.all(`select batch_sid, number from batch_parts limit 1`);
    const batch = { account_sid: sid, sid: part.batch_sid as string };
    const key = { account_sid: sid, ...part };
    const state = new TaskState(sid, { subject: sids.subject, task: { kind: 'hold' } }, undefined);
    const call = state.rowOf(
      { ...state.call('downloadOrder', 0, {}), state: 'answered', answer: {} as never },
      masterKey,
    );
    const of = `where account_sid = '${sid}' and`;
    await damaged.run(
      `update accounts set callback_url = '${url}' where sid = '${sid}'`,
      `update sims set callback_url = '${url}' where account_sid = '${sid}'`,
      `insert into stock_thresholds values ('${sid}', 'none', 'ST', 1, 'low', '${url}', 'POST', '', '')`,
      `update batches set callback_url = '${url}', same_order = '${sealSameOrder(batch, {} as never, masterKey)}'
        ${of} sid = '${batch.sid}'`,
      `update batch_parts set orders = '${sealOrders(key, [], masterKey)}'
        ${of} batch_sid = '${batch.sid}' and number = ${part.number}`,
      `update bulk_operations set callback_url = '${url}' where account_sid = '${sid}'`,
      `insert into es2plus_tasks values ('${sid}', '${sids.subject}', 'hold',
        '${sealTask(sids, { kind: 'hold' }, masterKey)}', '', 0, null, '')`,
      `insert into es2plus_calls values ('${sid}', '${sids.subject}', 'downloadOrder', 0, '', '${call.request}',
        'answered', '${call.answer}')`,
      `insert into euiccs (eid, account_sid, sid, state, eim_key, counter, package_number, result_signature,
          unsigned_results, callback_url, ipa_url, ipa_ca, date_created, date_updated)
        values ('1', '${sid}', 'EU', 'registered', 1, 0, 0, 'associationToken', 0, '${url}', 'https://127.0.0.1:9/', 'PEM', '', '')`,
      `insert into eim_injections (eid, account_sid, wanted, attempts, due_at, date_created)
        values ('1', '${sid}', 1, 0, '', '')`,
      `insert into eim_operations (eid, sid, account_sid, euicc_sid, kind, parameters, status, callback_url,
          date_created, date_updated) values ('1', 'EO', '${sid}', 'EU', 'listEim', '{}', 'queued', '${url}', '', '')`,
      `insert into es2plus_reports (account_sid, digest, date_created) values ('${sid}', 'digest', '')`,
      `insert into audit_seals (number, last_sid, seal, mac) values (1000000, '', '{}', '')`,
      `insert into audit_checkpoints (number, last_sid, checkpoint, mac) values (0, '', '{}', '')`,
      `insert into pki_crls (ci_pk_id, scope, crl, date_created) values ('CI', '', '', '')`,
      `insert into tls_failures (reason, failures, address, date_first, date_last)
        values ('a reason', 3000000000, '127.0.0.1', '', '')`,
      `insert into crl_points (issuer, url, kind, added_by, next_fetch_at, failures, date_created)
        values ('CI', 'http://127.0.0.1:9/', 'ci', 'hand', '2100-01-01T00:00:00Z', 1, '')`,
    );
  }

  const skip = database.name === 'Citus' && 'Citus is backed up and moved by other means';
  test(
    'has rows in every table, and a backup, a restore and a move to the other kind and back keep each of them',
    { skip },
    async (context) => {
      await fillTheRest();
      const content = await contentOf(damaged.config);
      const empty = [...content.keys()].filter((name) => content.get(name)!.length === 0);
      assert.deepEqual(empty, []);
      const folder = await mkdtemp(join(tmpdir(), 'simwright-tables-'));
      context.after(() => rm(folder, { recursive: true, force: true }));
      const databaseOf = async (
        kind: DatabaseConfig['kind'],
        name: string,
      ): Promise<DatabaseConfig> =>
        kind === 'postgres' && postgres !== undefined
          ? { kind, url: await freshDatabase(postgres.url) }
          : { kind: 'sqlite', file: join(folder, name) };
      const other = await databaseOf(
        database.name === 'SQLite' ? 'postgres' : 'sqlite',
        'other.db',
      );
      const file = join(folder, 'all.backup');
      await backUp(damaged.config, file, masterKey, 'test', () => {});
      await restoreBackup(await openBackup(file), masterKey, other, {}, () => {});
      const restored = await contentOf(other);
      for (const [name, rows] of content) {
        // It says that it is a restored past.
        if (name === 'settings') continue;
        assert.deepEqual(restored.get(name), rows, name);
      }
      const [there, back] = [
        await databaseOf(other.kind, 'there.db'),
        await databaseOf(damaged.config.kind, 'back.db'),
      ];
      await move(damaged.config, there, '2026-11-30T12:00:00Z', () => {});
      assert.deepEqual(await contentOf(there), content);
      await move(there, back, '2026-11-30T12:00:00Z', () => {});
      assert.deepEqual(await contentOf(back), content);
      await undoMove(damaged.config);
    },
  );

  test('needs another master key, and that one alone, when its own is rotated', async () => {
    const config = { ...server.config, database: damaged.config };
    await damaged.restore();
    await fillTheRest();
    for (const table of SEALED_TABLES) {
      for (const [column, { isUrl }] of columnsOf(table)) {
        const which = isUrl ? `like '%//sealed:%'` : `<> ''`;
        const found = await damaged.all(`select 1 from ${table} where ${column} ${which} limit 1`);
        assert.equal(found.length, 1, `${table}.${column}`);
      }
    }
    await rotateOnce(config, server.secrets);
    const next = new MasterKey(keysIn(config.masterKeyFile));
    assert.deepEqual(await violated(damaged.config, next, [seals]), []);
  });
});

/** @returns how the violation reads, or why there is none to be made */
async function loseRow(damaged: Damaged): Promise<RegExp | string> {
  const rename = `update sims set unique_name = 'Meter 2' where unique_name = 'Meter 1'`;
  if (damaged.config.kind === 'sqlite') {
    const where = `where name = 'sims_by_unique_name'`;
    const [{ type, name, tbl_name, rootpage, sql }] = await damaged.all(
      `select * from sqlite_schema ${where}`,
    );
    await damaged.run('pragma writable_schema = on', `delete from sqlite_schema ${where}`);
    await damaged.run(rename);
    await damaged.run(
      'pragma writable_schema = on',
      `insert into sqlite_schema values ('${type}', '${name}', '${tbl_name}', ${rootpage}, '${sql}')`,
    );
    return /^indexes: database: .*sims_by_unique_name/;
  }
  const [{ can }] = await damaged.all(
    `select usesuper and exists (select 1 from pg_available_extensions where name = 'amcheck') as can
      from pg_user where usename = current_user`,
  );
  if (can !== true) return 'this user cannot make the extension amcheck here';
  const named = (result: string) =>
    `create or replace function indexed(text) returns text immutable language sql as $$ select ${result} $$`;
  for (const statement of [
    'create extension amcheck',
    named('$1'),
    'create index damaged on sims (indexed(sid))',
    // The index has what the function gave before.
    named(`$1 || 'x'`),
  ]) {
    await damaged.run(statement);
  }
  return /^indexes: database: .*"damaged(_\d+)?"/;
}
