// Migrations: forward only, and never on a database made by a newer version.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { sql } from 'kysely';
import { EsimProfileSearch } from '../../src/store/esim-profile-search.ts';
import { StoreMismatch, StoreUnavailable } from '../../src/store/errors.ts';
import { LAST_TOGETHER, MIGRATIONS, needsOf, newestOf } from '../../src/store/migrate.ts';
import type { Migrations } from '../../src/store/flavor.ts';
import { RspSessions } from '../../src/store/rsp-sessions.ts';
import { openStore } from '../../src/store/open.ts';
import { openPostgres, PLAIN as postgresFlavor } from '../../src/store/postgres.ts';
import { flavor as sqliteFlavor } from '../../src/store/sqlite-flavor.ts';
import { openSqlite } from '../../src/store/sqlite.ts';
import { onPlainDatabases } from '../databases.ts';
import { eventually } from '../server.ts';
import { objectionsTo } from './may-expand.ts';

/** The migrations up to and including `last`. */
function upTo(last: string) {
  return Object.fromEntries(Object.entries(MIGRATIONS).filter(([name]) => name <= last));
}

onPlainDatabases('migrations', (database) => {
  test('add to existing data; an older version goes on if it can, and is refused if it cannot', async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'simwright-migrate-'));
    context.after(() => rm(folder, { recursive: true, force: true }));
    const url = await database.fresh();
    const file = join(folder, 'test.db');
    const open = () => (url === undefined ? openSqlite(file) : openPostgres(url));
    const config =
      url === undefined ? { kind: 'sqlite' as const, file } : { kind: 'postgres' as const, url };
    async function migrate(migrations: Migrations): Promise<string[]> {
      const newer = open();
      await newer.migrate(migrations);
      const kept = await newer.reader.selectFrom('settings').selectAll().execute();
      await newer.close();
      return kept.filter(({ name }) => name === 'name').map(({ value }) => value);
    }

    const store = await openStore(config);
    await store.transaction((tables) => tables.settings.insert('name', 'value'));
    await store.close();

    const expanded: Migrations = {
      ...MIGRATIONS,
      '997-more': () => ['alter table settings add column more text'],
    };
    assert.deepEqual(await migrate(expanded), ['value']);
    await (await openStore(config)).close();

    // What this version does not use any more.
    const contracted: Migrations = {
      ...expanded,
      '998-less': {
        statements: () => ['alter table settings drop column more'],
        needs: newestOf(MIGRATIONS),
      },
    };
    assert.deepEqual(await migrate(contracted), ['value']);
    await (await openStore(config)).close();

    const broken: Migrations = {
      ...contracted,
      '999-breaking': { statements: () => [], needs: '997-more' },
    };
    await migrate(broken);
    await assert.rejects(openStore(config), (error) => {
      assert.ok(error instanceof StoreMismatch);
      assert.match(error.message, /made by a newer version .* migration 999-breaking; .* up to /);
      return true;
    });
    // Versions of before know only this table.
    const backend = open();
    const { rows } = await sql<{ name: string }>`
      select name from kysely_migration where name > ${LAST_TOGETHER} order by name`.execute(
      backend.reader,
    );
    await backend.close();
    assert.deepEqual(
      rows.map(({ name }) => name).filter((name) => name >= '99'),
      ['998-less', '999-breaking'],
    );
  });

  test('a user or database that PostgreSQL refuses is explained in words', async (context) => {
    const url = await database.fresh();
    if (url === undefined) return context.skip('SQLite has neither');
    for (const part of ['password', 'pathname'] as const) {
      const wrong = new URL(url);
      wrong[part] = 'wrong';
      await assert.rejects(openStore({ kind: 'postgres', url: wrong.href }), StoreUnavailable);
    }
  });

  test('007 lets no earlier order expire too soon', async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'simwright-migrate-'));
    context.after(() => rm(folder, { recursive: true, force: true }));
    const url = await database.fresh();
    const backend = url === undefined ? openSqlite(join(folder, 'test.db')) : openPostgres(url);
    context.after(() => backend.close());
    const subscription = (state: string) =>
      `insert into subscriptions (account_sid, iccid, imsi, profile_type, state, secrets, date_created,
        date_updated) values ('AC', '${state}', '1', 'default', '${state}', '', 'made', 'updated')`;
    const rows = () => ['Available', 'Downloaded', 'Released'].map(subscription);
    await backend.migrate({ ...upTo('006-z'), '006-z-rows': rows });
    await backend.migrate({ ...MIGRATIONS, '006-z-rows': rows });
    const found = await backend.reader
      .selectFrom('subscriptions')
      .select(['state', 'date_released'])
      .orderBy('state')
      .execute();
    assert.deepEqual(
      found.map((row) => [row.state, row.date_released]),
      [
        ['Available', null],
        ['Downloaded', 'updated'],
        ['Released', 'updated'],
      ],
    );
  });

  test('009 removes internal names from the errors of attempts', async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'simwright-migrate-'));
    context.after(() => rm(folder, { recursive: true, force: true }));
    const url = await database.fresh();
    const backend = url === undefined ? openSqlite(join(folder, 'test.db')) : openPostgres(url);
    context.after(() => backend.close());
    const errors: [before: string | null, status: number | null, after: string | null][] = [
      [null, 204, null],
      ['answered 500; expected 2xx', 500, 'answered 500; expected 2xx'],
      [
        'answered 302; redirects are not followed (http://internal/)',
        302,
        'answered 302; redirects are not followed',
      ],
      ['no time left while waiting for connecting', null, 'no time left while connecting'],
      [
        'no time left while waiting for an answer',
        null,
        'no time left while waiting for an answer',
      ],
      ['getaddrinfo ENOTFOUND internal', null, 'the attempt failed'],
      ['connect ECONNREFUSED 10.0.0.1:80', null, 'the attempt failed'],
    ];
    const rows = () =>
      errors.map(
        ([error, status], index) =>
          `insert into callback_attempts values ('AC', 'CB', ${index}, '', 0, ${status},
            ${error === null ? 'null' : `'${error}'`}, null)`,
      );
    await backend.migrate({ ...upTo('008-z'), '008-z-rows': rows });
    await backend.migrate({ ...MIGRATIONS, '008-z-rows': rows });
    const found = await backend.reader
      .selectFrom('callback_attempts')
      .select('error')
      .orderBy('attempt')
      .execute();
    assert.deepEqual(
      found.map(({ error }) => error),
      errors.map(([, , after]) => after),
    );
  });

  test('014 keeps why earlier orders ended', async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'simwright-migrate-'));
    context.after(() => rm(folder, { recursive: true, force: true }));
    const url = await database.fresh();
    const backend = url === undefined ? openSqlite(join(folder, 'test.db')) : openPostgres(url);
    context.after(() => backend.close());
    const ended: [state: string, code: string | null, downloads: number, reason: string | null][] =
      [
        ['Error', '8.8.5/4.10', 10, 'expired'],
        ['Error', '8.8.5/6.4', 10, 'downloadAttempts'],
        // Devices were told so for any order that had ended after this many downloads.
        ['Error', '5/12', 10, 'downloadAttempts'],
        ['Error', '8.2.7/6.4', 5, 'confirmationCode'],
        ['Error', '8.8.5/3.8', 1, 'cancelSession'],
        ['Error', '8.2.8/1.2', 1, 'cancelSession'],
        ['Error', '8.2.9/3.11', 1, 'cancelSession'],
        ['Error', '8.2.10/4.2', 1, 'cancelSession'],
        ['Error', '8/4.2', 1, 'cancelSession'],
        ['Error', '5/12', 1, 'installation'],
        ['Released', null, 10, null],
        ['Installed', null, 1, null],
        ['Available', null, 0, null],
      ];
    const rows = () =>
      ended.flatMap(([state, code, downloads], index) => {
        const order = `HP${index}`;
        const subscription = `insert into subscriptions (account_sid, iccid, imsi, profile_type, state, ordered_by,
          download_attempts, secrets, date_created, date_updated) values ('AC', '${100 + index}', '1', 'default',
          '${state}', ${state === 'Available' ? 'null' : `'${order}'`}, ${downloads}, '', '', '')`;
        const profile = (account: string, error: string | null) =>
          `insert into esim_profiles (account_sid, sid, status, error_code, generate_matching_id, callback_method,
            date_created, date_updated, resource) values ('${account}', '${order}', 'failed',
            ${error === null ? 'null' : `'${error}'`}, 1, 'POST', '', '', '')`;
        // Another account's rows do not matter.
        return [subscription, profile('AC', code), profile('AD', '8.8.5/4.10')];
      });
    await backend.migrate({ ...upTo('013-z'), '013-z-rows': rows });
    await backend.migrate({ ...MIGRATIONS, '013-z-rows': rows });
    const found = await backend.reader
      .selectFrom('subscriptions')
      .select('ended_reason')
      .orderBy('iccid')
      .execute();
    assert.deepEqual(
      found.map(({ ended_reason: reason }) => reason),
      ended.map(([, , , reason]) => reason),
    );
  });

  test('019 knows what is on no eUICC, and which orders have a confirmation code that was not kept', async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'simwright-migrate-'));
    context.after(() => rm(folder, { recursive: true, force: true }));
    const url = await database.fresh();
    const backend = url === undefined ? openSqlite(join(folder, 'test.db')) : openPostgres(url);
    context.after(() => backend.close());
    const orders: [
      state: string,
      reason: string | null,
      status: string,
      code: string | null,
      absent: 0 | 1,
      kept: string | null,
    ][] = [
      ['Error', 'expired', 'failed', null, 1, null],
      ['Error', 'installation', 'failed', 'digest', 1, null],
      ['Error', 'cancelSession', 'failed', null, 0, null],
      ['Installed', null, 'installed', 'digest', 0, null],
      ['Released', null, 'available', 'digest', 0, ''],
      ['Released', null, 'available', null, 0, null],
      ['Downloaded', null, 'downloaded', 'digest', 0, ''],
    ];
    const text = (value: string | null) => (value === null ? 'null' : `'${value}'`);
    const rows = () =>
      orders.flatMap(([state, reason, status, code], index) => [
        `insert into subscriptions (account_sid, iccid, imsi, profile_type, state, ordered_by, ended_reason,
          confirmation_code, secrets, date_created, date_updated) values ('AC', '${100 + index}', '1', 'default',
          '${state}', 'HP${index}', ${text(reason)}, ${text(code)}, '', '', '')`,
        `insert into esim_profiles (account_sid, sid, status, generate_matching_id, callback_method,
          date_created, date_updated, resource) values ('AC', 'HP${index}', '${status}', 1, 'POST', '', '', '{}')`,
      ]);
    await backend.migrate({ ...upTo('018-z'), '018-z-rows': rows });
    await backend.migrate({ ...MIGRATIONS, '018-z-rows': rows });
    const profiles = await backend.reader
      .selectFrom('subscriptions')
      .select(['known_absent', 'order_number'])
      .orderBy('iccid')
      .execute();
    assert.deepEqual(
      profiles.map((row) => [row.known_absent, row.order_number]),
      orders.map(([, , , , absent]) => [absent, 0]),
    );
    const found = await backend.reader
      .selectFrom('esim_profiles')
      .select(['confirmation_code', 'revision', 'eid_learned', 'resource'])
      .orderBy('sid')
      .execute();
    assert.deepEqual(
      found.map((row) => [row.confirmation_code, row.revision, row.eid_learned, row.resource]),
      orders.map(([, , , , , kept]) => [kept, 0, 0, '{}']),
    );
  });

  test('021 writes the profile type into all that have a subscription, and into their resources', async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'simwright-migrate-'));
    context.after(() => rm(folder, { recursive: true, force: true }));
    const url = await database.fresh();
    const backend = url === undefined ? openSqlite(join(folder, 'test.db')) : openPostgres(url);
    context.after(() => backend.close());
    const before = (sid: string) =>
      `{"sid":"${sid}","error_message":"a,\\"url\\":\\"/v1/ESimProfiles/"`;
    const after = (sid: string) => `,"url":"/v1/ESimProfiles/${sid}"}`;
    const profile = (sid: string, type: string, iccid: string) =>
      `insert into esim_profiles (account_sid, sid, status, iccid, profile_type, generate_matching_id, callback_method,
        date_created, date_updated, resource) values ('AC', '${sid}', 'available', ${iccid}, ${type}, 1, 'POST', '', '',
        '${before(sid)}${after(sid)}')`;
    const type = `a "b" \\ ä\t`;
    const rows = () => [
      `insert into subscriptions (account_sid, iccid, imsi, profile_type, state, secrets, date_created,
        date_updated) values ('AC', '89', '1', '${type}', 'Released', '', '', '')`,
      profile('HP1', 'null', `'89'`),
      profile('HP2', `'other'`, 'null'),
      profile('HP3', 'null', 'null'),
    ];
    await backend.migrate({ ...upTo('020-z'), '020-z-rows': rows });
    await backend.migrate({ ...MIGRATIONS, '020-z-rows': rows });
    const found = await backend.reader
      .selectFrom('esim_profiles')
      .select([
        'sid',
        'profile_type',
        'profile_type_learned',
        'friendly_name',
        'metadata',
        'resource',
      ])
      .orderBy('sid')
      .execute();
    const shown = (sid: string, value: string | null) =>
      before(sid) + (value === null ? '' : `,"profile_type":${JSON.stringify(value)}`) + after(sid);
    assert.deepEqual(
      found.map((row) => Object.values(row)),
      [
        ['HP1', type, 1, null, null, shown('HP1', type)],
        ['HP2', 'other', 0, null, null, shown('HP2', 'other')],
        ['HP3', null, 0, null, null, shown('HP3', null)],
      ],
    );
  });

  test('012 finds existing rows by their ends', async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'simwright-migrate-'));
    context.after(() => rm(folder, { recursive: true, force: true }));
    const url = await database.fresh();
    const backend = url === undefined ? openSqlite(join(folder, 'test.db')) : openPostgres(url);
    context.after(() => backend.close());
    const profile = (sid: string, iccid: string, eid: string) =>
      `insert into esim_profiles (account_sid, sid, status, iccid, eid, generate_matching_id, callback_method,
        date_created, date_updated, resource) values ('AC', '${sid}', 'available', ${iccid}, ${eid}, 1, 'POST', '', '', '')`;
    const rows = () => [
      `insert into subscriptions (account_sid, iccid, imsi, profile_type, state, secrets, date_created,
        date_updated) values ('AC', '8949440000009000074', '1', 'default', 'Released', '', '', '')`,
      profile('HP1', `'8949440000009000074'`, 'null'),
      profile('HP2', 'null', `'89049032005008882600033489aaaaaa'`),
      profile('HP3', 'null', 'null'),
    ];
    await backend.migrate({ ...upTo('011-z'), '011-z-rows': rows });
    await backend.migrate({ ...MIGRATIONS, '011-z-rows': rows });
    const search = new EsimProfileSearch(backend.reader, backend.flavor);
    const find = (column: 'iccid' | 'eid', ends: string) =>
      search.find('AC', [{ column, ends }], 10);
    assert.deepEqual(await find('iccid', '0074'), ['HP1']);
    assert.deepEqual(await find('eid', '89aaaaaa'), ['HP2']);
    assert.deepEqual(await find('eid', '0074'), []);
  });

  test('003 keeps bindings, templates, and sessions whose notifications may still arrive', async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'simwright-migrate-'));
    context.after(() => rm(folder, { recursive: true, force: true }));
    const url = await database.fresh();
    const backend = url === undefined ? openSqlite(join(folder, 'test.db')) : openPostgres(url);
    context.after(() => backend.close());
    const session = (id: string, bound: string) =>
      `insert into rsp_sessions (transaction_id, step, server_challenge, smdp_address, euicc_ci_pk_id,
        dp_ci_pk_id, confirmation_required, bind_response, log, date_created, date_expires)
        values ('${id}', 'authenticated', '', '', '', '', 0, ${bound}, '[]', '', '')`;
    const subscription = (iccid: string) =>
      `insert into subscriptions (account_sid, iccid, imsi, profile_type, state, secrets, date_created,
        date_updated) values ('AC', '${iccid}', '1', 'fleet', 'Downloaded', '', '', '')`;
    const rows = () => [
      subscription('1'),
      subscription('2'),
      `insert into profile_bindings values ('AC', '1', 'EID', 'otpk', 'otsk', '')`,
      `insert into profile_templates values ('AC', 'fleet', '${'A'.repeat(40)}${'B'.repeat(24)}', '{}', '')`,
      session('1', `'{}'`),
      session('2', 'null'),
    ];
    await backend.migrate({ ...upTo('002-smdp'), '002-smdp-rows': rows });
    await backend.migrate({ ...MIGRATIONS, '002-smdp-rows': rows });
    const { reader } = backend;
    const subscriptions = await reader
      .selectFrom('subscriptions')
      .select(['iccid', 'euicc_otpk', 'smdp_otsk'])
      .orderBy('iccid')
      .execute();
    assert.deepEqual(
      subscriptions.map((row) => [row.iccid, row.euicc_otpk, row.smdp_otsk]),
      [
        ['1', 'otpk', 'otsk'],
        ['2', null, null],
      ],
    );
    const [template] = await reader.selectFrom('profile_templates').select('version').execute();
    assert.equal(template?.version, 'B'.repeat(24));
    // 013: it is not decided yet whether its profiles may share secrets.
    const [unasked] = await reader.selectFrom('profile_templates').selectAll().execute();
    assert.equal(unasked?.shared_secrets, null);
    const sessions = await reader
      .selectFrom('rsp_sessions')
      .select(['transaction_id', 'smdp_sign'])
      .orderBy('transaction_id')
      .execute();
    assert.deepEqual(
      sessions.map((row) => [row.transaction_id, row.smdp_sign]),
      [
        ['1', ''],
        ['2', null],
      ],
    );
  });

  test('008 keeps the responses of Idempotency-Keys, and releases unanswered ones', async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'simwright-migrate-'));
    context.after(() => rm(folder, { recursive: true, force: true }));
    const url = await database.fresh();
    const backend = url === undefined ? openSqlite(join(folder, 'test.db')) : openPostgres(url);
    context.after(() => backend.close());
    const key = (name: string, answer: string) =>
      `insert into idempotency_keys values ('AC', '${name}', 'f', 'RQ', '2999', ${answer}, 'made')`;
    const rows = () => [key('answered', `201, '{}'`), key('died', 'null, null')];
    await backend.migrate({ ...upTo('007-z'), '007-z-rows': rows });
    await backend.migrate({ ...MIGRATIONS, '007-z-rows': rows });
    const kept = await backend.reader.selectFrom('idempotency_keys').selectAll().execute();
    assert.deepEqual(
      kept.map((row) => ({ ...row })),
      [
        {
          account_sid: 'AC',
          idempotency_key: 'answered',
          fingerprint: 'f',
          response_status: 201,
          response_body: '{}',
          date_created: 'made',
        },
      ],
    );
  });

  test('010 keeps sessions with an authenticated eUICC, and each CRL as a whole one', async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'simwright-migrate-'));
    context.after(() => rm(folder, { recursive: true, force: true }));
    const url = await database.fresh();
    const backend = url === undefined ? openSqlite(join(folder, 'test.db')) : openPostgres(url);
    context.after(() => backend.close());
    const crl = `insert into pki_crls (ci_pk_id, crl, date_created) values ('CI', 'DER', 'made')`;
    const rows = () => [
      crl,
      ...['initiated', 'authenticated', 'bound', 'ended'].map(
        (step) => `insert into rsp_sessions (transaction_id, step, server_challenge, smdp_address,
          euicc_ci_pk_id, dp_ci_pk_id, confirmation_required, log, date_created, date_expires)
          values ('of ${step}', '${step}', '', '', '', '', 0, '[]', '', '')`,
      ),
    ];
    await backend.migrate({ ...upTo('009-z'), '009-z-rows': rows });
    await backend.migrate({ ...MIGRATIONS, '009-z-rows': rows });
    const found = await backend.reader.selectFrom('rsp_sessions').selectAll().execute();
    assert.deepEqual(found.map(({ step }) => step).toSorted(), ['authenticated', 'bound', 'ended']);
    const crls = await backend.reader.selectFrom('pki_crls').selectAll().execute();
    assert.deepEqual(
      crls.map((row) => ({ ...row })),
      [{ ci_pk_id: 'CI', scope: '', crl: 'DER', date_created: 'made' }],
    );
  });

  test('015 makes every session due, and a sweep finds it by an index, with its profile', async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'simwright-migrate-'));
    context.after(() => rm(folder, { recursive: true, force: true }));
    const url = await database.fresh();
    const file = join(folder, 'test.db');
    const backend = url === undefined ? openSqlite(file) : openPostgres(url);
    context.after(() => backend.close());
    const session = (id: string, step: string, iccid: string, sign: string) =>
      `insert into rsp_sessions (transaction_id, step, euicc_ci_pk_id, dp_ci_pk_id, account_sid, iccid, eid,
        bound_before, confirmation_required, smdp_sign, date_created, date_expires)
        values ('${id}', '${step}', '', '', 'AC', ${iccid}, 'E', 0, 0, ${sign}, '2026', '2026')`;
    const rows = () => [
      `insert into subscriptions (account_sid, iccid, imsi, profile_type, state, eid, secrets, date_created,
        date_updated) values ('AC', '1', '1', 'fleet', 'Downloaded', 'E', '', '', '')`,
      session('1', 'bound', `'1'`, `'sign'`),
      session('2', 'authenticated', 'null', 'null'),
    ];
    await backend.migrate({ ...upTo('014-z'), '014-z-rows': rows });
    await backend.migrate({ ...MIGRATIONS, '014-z-rows': rows });
    const due = await new RspSessions(backend.reader, backend.flavor).due('2026', 10);
    assert.deepEqual(
      due.toSorted((one, other) => (one.transaction_id < other.transaction_id ? -1 : 1)),
      [
        {
          transaction_id: '1',
          date_expires: '2026',
          smdp_sign: 'sign',
          eid: 'E',
          profile: { state: 'Downloaded', eid: 'E' },
        },
        {
          transaction_id: '2',
          date_expires: '2026',
          smdp_sign: null,
          eid: 'E',
          profile: undefined,
        },
      ],
    );
    if (url !== undefined) return;
    using raw = new DatabaseSync(file);
    const plan = raw
      .prepare(
        `explain query plan select * from rsp_sessions where date_due < ? and date_due < '9999' order by date_due`,
      )
      .all('2026');
    assert.deepEqual(
      plan.map(({ detail }) => detail),
      ['SEARCH rsp_sessions USING INDEX rsp_sessions_by_due (date_due<?)'],
    );
  });

  test('017 leaves sessions and their order, without a log, and what an older node reads', async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'simwright-migrate-'));
    context.after(() => rm(folder, { recursive: true, force: true }));
    const url = await database.fresh();
    const open = () =>
      url === undefined ? openSqlite(join(folder, 'test.db')) : openPostgres(url);
    const older = open();
    context.after(() => older.close());
    const session = (id: string) =>
      `insert into rsp_sessions (transaction_id, step, euicc_ci_pk_id, dp_ci_pk_id, account_sid, iccid, eid, ordered_by,
        bound_before, confirmation_required, smdp_sign, date_created, date_expires, date_due)
        values ('${id}', 'bound', 'CI', 'DP', 'AC', '1', 'E', 'HP', 1, 0, 'sign', '2026', '2027', '2027')`;
    const rows = () => [session('1'), session('2')];
    await older.migrate({ ...upTo('016-z'), '016-z-rows': rows });
    // As older nodes read it.
    const read = (): Promise<object[]> =>
      older.reader
        .selectFrom('rsp_sessions')
        .selectAll()
        .where('transaction_id', '=', '2')
        .execute();
    const [before] = await read();
    const newer = open();
    context.after(() => newer.close());
    await newer.migrate({ ...MIGRATIONS, '016-z-rows': rows });
    const [after] = await eventually(() => read().catch(() => undefined));
    assert.deepEqual({ ...after }, { ...before, log: null, order_number: null });
    assert.equal((await newer.reader.selectFrom('rsp_sessions').selectAll().execute()).length, 2);
    const due = await new RspSessions(newer.reader, newer.flavor).due('2028', 10);
    assert.deepEqual(due.map(({ transaction_id: id }) => id).toSorted(), ['1', '2']);
  });

  test('leave nothing behind if they fail', async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'simwright-migrate-'));
    context.after(() => rm(folder, { recursive: true, force: true }));
    const url = await database.fresh();
    const backend = url === undefined ? openSqlite(join(folder, 'test.db')) : openPostgres(url);
    await assert.rejects(
      backend.migrate({ '001-broken': () => ['create table half (a text)', 'no statement'] }),
    );
    await backend.migrate({ '001-mended': () => ['create table half (a text)'] });
    await backend.close();
  });
});

test('an unreachable PostgreSQL is reported as such', async () => {
  await assert.rejects(
    openStore({ kind: 'postgres', url: 'postgres://nobody@127.0.0.1:9/none' }),
    StoreUnavailable,
  );
});

describe('a migration after 033', () => {
  const flavors = [sqliteFlavor, postgresFlavor];

  test('leaves a database on which the version before works, or says which version it needs', () => {
    const objections = Object.entries(MIGRATIONS)
      .filter(([name]) => name > LAST_TOGETHER)
      .flatMap(([name, migration]) =>
        flavors.flatMap((flavor) =>
          objectionsTo(migration, flavor).map((one) => `${name}, on ${flavor.name}: ${one}`),
        ),
      );
    assert.deepEqual(objections, []);
  });

  test('that needs a version needs one that there is, and not a later one than itself', () => {
    for (const [name, migration] of Object.entries(MIGRATIONS)) {
      const needs = needsOf(migration);
      if (needs !== undefined) assert.ok(needs in MIGRATIONS && needs <= name, name);
    }
  });

  for (const allowed of [
    ['alter table esim_profiles add column a text'],
    [`alter table esim_profiles add column a text collate "C" not null default 'b'`],
    ['alter table accounts add column a integer not null default 0 check (a in (0, 1))'],
    ['create index a on esim_profiles (sid)'],
    [
      'create table a (b text)',
      'create unique index c on a (b)',
      'insert into a select sid from sims',
    ],
    [`insert into settings (name, value) values ('a', 'b')`],
    ['create table a (b text)', 'create trigger c before update on a begin select 1; end'],
  ]) {
    test(`may ${allowed.join('; ')}`, () => {
      assert.deepEqual(
        objectionsTo(() => allowed, postgresFlavor),
        [],
      );
    });
  }

  for (const [statement, objection] of [
    ['alter table esim_profiles add column a text not null', /nullable or have a default/],
    ['alter table esim_profiles add column a text unique', /constraint/],
    ['alter table esim_profiles add column a float not null default random()', /rewrites/],
    ['alter table esim_profiles add column a integer check (a > 0)', /every row/],
    ['create trigger a before update on sims begin select 1; end', /of new tables only/],
    ['alter table esim_profiles drop column eid', /contract a release later/],
    ['alter table esim_profiles rename to profiles', /contract a release later/],
    ['alter table esim_profiles alter column eid set not null', /contract a release later/],
    ['drop index esim_profiles_by_eid', /contract a release later/],
    ['drop table brands', /contract a release later/],
    ['create unique index a on esim_profiles (eid)', /unique/],
    [`update esim_profiles set eid = ''`, /let a job do it/],
    [`insert into accounts (sid) values ('AC')`, /new tables only/],
  ] as const) {
    test(`may not ${statement}, unless it says that it breaks`, () => {
      const [found] = objectionsTo(() => [statement], postgresFlavor);
      assert.match(String(found), objection);
      const breaking = { statements: () => [statement], needs: newestOf(MIGRATIONS) };
      assert.deepEqual(objectionsTo(breaking, postgresFlavor), []);
    });
  }
});
