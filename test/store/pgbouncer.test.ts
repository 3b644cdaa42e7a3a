// PgBouncer in transaction mode: what belongs to a session belongs to others.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { MIGRATIONS } from '../../src/store/migrate.ts';
import { openPostgres } from '../../src/store/postgres.ts';
import type { Tables } from '../../src/store/schema.ts';
import { MasterKey } from '../../src/process/keys.ts';
import { keysIn } from '../../src/process/key-file.ts';
import { backUp } from '../../src/transfer/backup.ts';
import { openBackup } from '../../src/transfer/backup-file.ts';
import { move } from '../../src/transfer/move.ts';
import { restoreBackup } from '../../src/transfer/restore.ts';
import { postgres, withoutPooler as skip } from '../databases.ts';
import { startPgBouncer } from '../pgbouncer.ts';
import type { PgBouncer } from '../pgbouncer.ts';
import { freshDatabase } from '../postgres.ts';
import { allEnded } from '../../src/store/together.ts';
import { Client } from 'pg';
import { askPostgres } from '../ask-postgres.ts';
import { rotateOnce } from '../rotation/killed.ts';
import { eventually, startTestServer } from '../server.ts';
import { violated } from '../verify/violated.ts';

describe('behind PgBouncer', { skip }, () => {
  let pooler: PgBouncer;
  before(async () => {
    pooler = await startPgBouncer(postgres!.url);
  });
  after(() => pooler[Symbol.asyncDispose]());

  const fresh = async () => pooler.urlOf(await freshDatabase(postgres!.url));
  const LIMITS = `select current_setting('lock_timeout') as lock,
    current_setting('idle_in_transaction_session_timeout') as idle,
    current_setting('statement_timeout') as statement`;
  const limits = async (db: Kysely<Tables>) => (await sql.raw(LIMITS).execute(db)).rows;

  test('statements are limited as without it, in transactions and outside, and nobody else is', async () => {
    const url = await fresh();
    for (const [patience, statement] of [
      ['short', '30s'],
      ['long', '0'],
    ] as const) {
      for (const each of [url, await freshDatabase(postgres!.url)]) {
        const backend = openPostgres(each, { patience });
        const expected = [{ lock: '10s', idle: '15s', statement }];
        assert.deepEqual(await limits(backend.reader), expected);
        assert.deepEqual(await backend.transaction(limits), expected);
        const read = backend.reader.transaction().setIsolationLevel('repeatable read');
        assert.deepEqual(await read.execute(limits), expected);
        await backend.close();
      }
    }
    assert.deepEqual(await askPostgres(url, LIMITS), [{ lock: '0', idle: '0', statement: '0' }]);
  });

  test('limits of the role or the database are kept; but what may take long is not ended by them', async () => {
    const url = await fresh();
    const name = new URL(url).pathname.slice(1);
    await askPostgres(postgres!.url, `alter database ${name} set lock_timeout = '7s'`);
    await askPostgres(postgres!.url, `alter database ${name} set statement_timeout = '8s'`);
    for (const [patience, statement] of [
      ['short', '8s'],
      ['long', '0'],
    ] as const) {
      const backend = openPostgres(url, { patience });
      const expected = [{ lock: '7s', idle: '15s', statement }];
      assert.deepEqual(await limits(backend.reader), expected);
      assert.deepEqual(await backend.transaction(limits), expected);
      await backend.close();
    }
  });

  test('statements that are asked for again and again find themselves in every session', async () => {
    const url = await fresh();
    const backend = openPostgres(url);
    const add = (number: number) => (db: Kysely<Tables>) =>
      sql<{ sum: number }>`select ${number}::int as sum from pg_sleep(0.01)`.execute(db);
    for (let round = 0; round < 5; round++) {
      const numbers = Array.from({ length: 12 }, (_, index) => index);
      const works = numbers.map((number) => backend.transaction(add(number)));
      assert.deepEqual(
        (await allEnded(works)).map(({ rows }) => rows[0]!.sum),
        numbers,
      );
    }
    await backend.close();
    // PgBouncer since 1.21 has names of its own for them.
    const [{ count }] = await askPostgres(
      url,
      `select count(*)::int as count from pg_prepared_statements where name not like 'PGBOUNCER%'`,
    );
    assert.equal(count, 0);
  });

  test('an index that takes longer than the role allows is not made, and it says which connection to use', async () => {
    const direct = await freshDatabase(postgres!.url);
    const name = new URL(direct).pathname.slice(1);
    const first = openPostgres(direct);
    await first.migrate(MIGRATIONS);
    await first.close();
    await using writer = await openWriter(direct);
    await askPostgres(postgres!.url, `alter database ${name} set statement_timeout = '1s'`);
    const later = {
      ...MIGRATIONS,
      '999-later': () => ['create index sims_later on sims (date_updated)'],
    };
    const migrate = async (url: string) => {
      const backend = openPostgres(url);
      try {
        await backend.migrate(later);
      } finally {
        await backend.close();
      }
    };
    await assert.rejects(
      migrate(pooler.urlOf(direct)),
      /^StoreMismatch: The index sims_later of sims takes longer .* SIMWRIGHT_DATABASE_URL; /,
    );
    await writer.end();
    await migrate(direct);
    const index = `select indisvalid from pg_index where indexrelid = 'sims_later'::regclass`;
    assert.deepEqual(await askPostgres(direct, index), [{ indisvalid: true }]);
  });

  /** Whoever makes an index waits for its transaction. */
  async function openWriter(url: string) {
    const client = new Client({ connectionString: url });
    await client.connect();
    await client.query(`begin; update sims set status = status`);
    let ended: Promise<void> | undefined;
    const end = () => (ended ??= client.end());
    return { end, [Symbol.asyncDispose]: end };
  }

  test('a restart of it in the middle of orders loses none that was answered, and carries none out twice; then all commands work, or say why not', async () => {
    const databaseUrl = await fresh();
    await using server = await startTestServer({ databaseUrl, stock: 60 });
    const order = async (number: number): Promise<string> => {
      const headers = { 'Idempotency-Key': `order-${number}` };
      const form = { GenerateMatchingId: 'true' };
      const sid = await eventually(async () => {
        const { status, json } = await server.request('/v1/ESimProfiles', { form, headers });
        if (status === 503) return undefined;
        assert.equal(status, 201);
        return String(json.sid);
      });
      return sid;
    };
    const numbers = Array.from({ length: 40 }, (_, number) => number);
    const orders = numbers.map(async (number) => {
      // One after the other, so that the restart is in the middle.
      if (number >= 20) await order(number - 20);
      return order(number);
    });
    await Promise.race(orders);
    await pooler.restart();
    const sids = await allEnded(orders);
    assert.equal(new Set(sids).size, numbers.length);
    const statuses = async () => {
      const { json } = await server.request('/v1/ESimProfiles?PageSize=100');
      return (json.esim_profiles as { sid: string; status: string }[]).map(
        ({ sid, status }) => `${sid} ${status}`,
      );
    };
    const expected = sids.map((sid) => `${sid} available`).toSorted();
    await eventually(async () =>
      (await statuses()).every((one) => one.endsWith('available')) ? true : undefined,
    );
    assert.deepEqual((await statuses()).toSorted(), expected);

    const { database, masterKeyFile, data } = server.config;
    await rotateOnce(server.config, server.secrets);
    const masterKey = new MasterKey(keysIn(masterKeyFile));
    assert.deepEqual(await violated(database, masterKey), []);
    const file = join(data, 'pooled.backup');
    await backUp(database, file, masterKey, 'test', () => {});
    const refused = /^StoreMismatch: At 127\.0\.0\.1:\d+ is a pooler, .* SIMWRIGHT_DATABASE_URL\. /;
    const target = { kind: 'postgres', url: await fresh() } as const;
    await assert.rejects(
      restoreBackup(await openBackup(file), masterKey, target, {}, () => {}),
      refused,
    );
    const there = { kind: 'sqlite', file: join(data, 'there.db') } as const;
    await assert.rejects(
      move(database, there, '2026-11-30', () => {}),
      refused,
    );
    const tables = `select count(*)::int as tables from pg_tables where schemaname = 'public'`;
    assert.deepEqual(await askPostgres(target.url, tables), [{ tables: 0 }]);
  });
});
